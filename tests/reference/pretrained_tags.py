"""Writes stages/SketchFlow.Learning/Models/Catalog/pretrained.tsv from a checkout of timm's source (only Python's standard library is needed):

    python3 tests/reference/pretrained_tags.py path/to/pytorch-image-models > stages/SketchFlow.Learning/Models/Catalog/pretrained.tsv

timm is not imported: the syntax trees of its modules are read, and only their tables of pretrained configurations and the small functions
that build them are evaluated. One row per configuration that has weights; '-' means timm's default.
"""
import ast
import re
import sys

MODULES = [
    "resnet", "resnetv2", "regnet", "efficientnet", "convnext", "vision_transformer", "vision_transformer_hybrid", "eva",
    "vision_transformer_relpos", "vision_transformer_sam", "naflexvit", "deit", "beit", "densenet", "tresnet", "inception_resnet_v2", "rdnet", "swin_transformer", "swin_transformer_v2", "swin_transformer_v2_cr",
    "maxxvit", "byobnet",
]

# Modules that hold many families: only models that match are read.
ONLY = {"byobnet": r"regnetz_|resnet\w+_clip|resnet3[23]ts|(se|gc|eca_)resnet33ts|(|se|gc|eca_)resnext26ts|gcresne(t50t|xt50ts)"}
root = sys.argv[1]


def read(path):
    with open(f"{root}/{path}", encoding="utf-8") as file:
        return file.read()


constants = {}
exec(read("timm/data/constants.py"), constants)
version = {}
exec(read("timm/version.py"), version)


class Cfg(dict):
    """Stands for timm's dataclass of pretrained configurations."""

    def __init__(self, **values):
        super().__init__(values)


def ordered(table):
    """Follows timm's generate_default_cfgs: the default tag of a model comes first."""
    out, preferred, pretrained = {}, set(), set()
    for key, cfg in table.items():
        model, _, tag = key.partition(".")
        weights = bool(cfg.get("url") or cfg.get("file") or cfg.get("hf_hub_id"))
        first = (weights and not tag) or (tag.endswith("*") and model not in preferred)
        tag = tag.strip("*")
        tags = out.setdefault(model, [])
        if first:
            tags.insert(0, (tag, cfg))
            preferred.add(model)
        elif weights and model not in pretrained:
            tags.insert(0, (tag, cfg))
        else:
            tags.append((tag, cfg))
        if weights:
            pretrained.add(model)
    return out


def tables(module):
    space = dict(constants, generate_default_cfgs=lambda t: t, PretrainedCfg=Cfg, partial=lambda f, **k: lambda *a, **b: f(*a, **{**k, **b}), re=re)
    models, deprecated = set(), {}
    for node in ast.parse(read(f"timm/models/{module}.py")).body:
        if isinstance(node, ast.FunctionDef):
            if any(isinstance(d, ast.Name) and d.id == "register_model" for d in node.decorator_list):
                models.add(node.name)
            elif re.fullmatch(r"_\w*cfg\w*", node.name) and "default" not in node.name or node.name in ("_cfg",):
                node.returns = None
                for a in node.args.args:
                    a.annotation = None
                if node.args.kwarg:
                    node.args.kwarg.annotation = None
                exec(compile(ast.Module([node], []), module, "exec"), space)
        elif isinstance(node, (ast.Assign, ast.AnnAssign)):
            if isinstance(node, ast.AnnAssign):
                node = ast.copy_location(ast.Assign([node.target], node.value), node)
            try:
                exec(compile(ast.Module([ast.fix_missing_locations(node)], []), module, "exec"), space)
            except NameError:
                pass
        elif isinstance(node, ast.Expr) and getattr(getattr(node.value, "func", None), "id", "") == "register_model_deprecations":
            for key, value in zip(node.value.args[1].keys, node.value.args[1].values):
                if isinstance(value, ast.Constant):
                    deprecated[key.value] = value.value
    return ordered({k: v for k, v in space["default_cfgs"].items() if k.partition(".")[0] in models}), deprecated


def side(size):
    return "-" if size is None else str(size[1]) if size[1] == size[2] else "x".join(map(str, size[1:]))


def numbers(values, default):
    values = tuple(values)
    return "-" if values == tuple(default) else ",".join(f"{v:.10g}" for v in values)


def names(value):
    return "-" if value is None else ",".join((value,) if isinstance(value, str) else value)


print(f"# timm {version['__version__']}: pretrained configurations, the default tag of a model first; written by tests/reference/pretrained_tags.py")
print("# model\ttag\trepository (- is timm/model.tag)\tfile\tclasses\tinput\ttest input\tfixed input\tmean\tstd\tinterpolation\tcrop\ttest crop\tcrop mode")
for module in MODULES:
    table, deprecated = tables(module)
    for model, tags in table.items():
        if not re.match(ONLY.get(module, ""), model):
            continue
        for tag, cfg in tags:
            repository = cfg.get("hf_hub_id") or ""
            full = f"timm/{model}.{tag}" if tag else f"timm/{model}"
            if repository == "timm/":
                repository = full
            if not repository:
                continue
            print("\t".join([
                model, tag or "-", "-" if repository == full else repository, cfg.get("hf_hub_filename") or "-",
                str(cfg.get("num_classes", 1000)), side(cfg.get("input_size", (3, 224, 224))), side(cfg.get("test_input_size")),
                "1" if cfg.get("fixed_input_size") else "-",
                numbers(cfg.get("mean", constants["IMAGENET_DEFAULT_MEAN"]), constants["IMAGENET_DEFAULT_MEAN"]),
                numbers(cfg.get("std", constants["IMAGENET_DEFAULT_STD"]), constants["IMAGENET_DEFAULT_STD"]),
                cfg.get("interpolation", "bicubic"), f"{cfg.get('crop_pct', 0.875):.10g}",
                "-" if cfg.get("test_crop_pct") is None else f"{cfg['test_crop_pct']:.10g}", cfg.get("crop_mode", "center"),
            ]))
    for old, new in deprecated.items():
        if new and re.match(ONLY.get(module, ""), new):
            print(f"={old}\t{new}")
