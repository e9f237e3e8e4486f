# Common tasks of SketchFlow; `make help` lists them.
MODEL  ?= convnext
DATA   ?=
RUN    ?=
IN     ?=
EPOCHS ?=
DEVICE ?= auto
STUDY  ?= augmentations
MINUTES ?= 10
READER ?=
ARGS   ?=

PROGRAM  := artifacts/build/sketchflow
SOURCES  := $(shell find stages pipeline build -name '*.cs' -o -name '*.csproj' -o -name '*.targets' -o -name '*.yaml') Directory.Build.props Directory.Packages.props global.json
LIBTORCH := $(if $(filter cuda,$(DEVICE)),cuda,cpu)
STAMP    := artifacts/build/obj/.built-$(LIBTORCH)

# Quoted for the shell: names and folders may have spaces in them.
quote  = '$(subst ','\'',$(strip $(1)))'
option = $(if $(strip $(2)),$(1) $(call quote,$(2)))

.DEFAULT_GOAL := help
.PHONY: help build packages setup train predict classify export audit eda explain report ensemble study test test-long fuzz bench clean

help: ## list the targets
	@awk 'BEGIN { FS = ":.*## " } /^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo
	@echo "  MODEL=$(MODEL)  a recipe, a family (resnet, resnext, convnext, vit) or a timm architecture"
	@echo "  DATA=           a folder; without it, a small built-in data set"
	@echo "  RUN=            name of the run; by default the newest (predict) or a new one (train)"
	@echo "  IN=             of make classify: an image, or a folder of images"
	@echo "  EPOCHS=         by default the recipe's"
	@echo "  DEVICE=$(DEVICE)     auto, cpu or cuda"
	@echo "  STUDY=$(STUDY)  or models, losses, changes (the gain of each choice, one at a time)"
	@echo "  MINUTES=$(MINUTES)      of make fuzz, on all cores"
	@echo "  READER=         one reader of make fuzz, such as png; by default all of them"
	@echo "  ARGS=           further options, such as ARGS=\"--set image_size=128\""

setup: ## check that the .NET SDK is there
	@sh build/setup.sh

build: setup $(STAMP) ## build the program into artifacts/build

$(STAMP): $(SOURCES)
	dotnet build pipeline/SketchFlow.Pipeline -v quiet --nologo -clp:NoSummary -p:LibTorch=$(LIBTORCH)
	@rm -f artifacts/build/obj/.built-* && touch $@

# A package of an earlier build with the same version would be found in NuGet's cache: bump the version, or clear it (dotnet nuget locals).
packages: setup ## make the NuGet packages of the stages and of the program (a dotnet tool), into artifacts/packages
	@rm -rf artifacts/packages
	@for project in stages/*/*.csproj pipeline/*/*.csproj; do dotnet pack "$$project" -c Release -v quiet --nologo -clp:NoSummary || exit 1; done
	@ls artifacts/packages

eda: build ## explore the images of DATA: counts, values, copies, broken files
	$(PROGRAM) eda $(call option,--data,$(DATA)) $(ARGS)

train: build ## train MODEL on DATA
	$(PROGRAM) train --model $(call quote,$(MODEL)) $(call option,--data,$(DATA)) $(call option,--run,$(RUN)) $(call option,--epochs,$(EPOCHS)) --device $(call quote,$(DEVICE)) $(ARGS)

predict: build ## write logits of val and test, and a submission, with the newest run or RUN
	$(PROGRAM) predict $(call option,--run,$(RUN)) $(call option,--data,$(DATA)) --device $(call quote,$(DEVICE)) $(ARGS)

classify: build ## name the classes of new images (IN) with the newest run, or RUN: a run, an ensemble, MODEL.TAG or a file
	$(PROGRAM) classify $(call option,--run,$(RUN)) --device $(call quote,$(DEVICE)) $(ARGS) -- $(call quote,$(IN))

export: build ## write the newest run, or RUN, as ONNX for other programs
	$(PROGRAM) export $(call option,--run,$(RUN)) $(ARGS)

audit: build ## find likely label errors in the logits of RUN (a run, an ensemble, or all)
	$(PROGRAM) audit $(call option,--run,$(RUN)) $(call option,--data,$(DATA)) $(ARGS)

report: build ## write pages of all runs (or RUN), and one that leads to all pages
	$(PROGRAM) report $(call option,--run,$(RUN)) $(call option,--data,$(DATA)) $(ARGS)

explain: build ## show what RUN (default: the newest) looks at in its worst images, or in IN
	$(PROGRAM) explain $(call option,--run,$(RUN)) $(call option,--data,$(DATA)) --device $(call quote,$(DEVICE)) $(ARGS) $(if $(strip $(IN)),-- $(call quote,$(IN)))

ensemble: build ## combine the cached logits of all runs of a data set
	$(PROGRAM) ensemble $(call option,--data,$(DATA)) $(ARGS)

# Studies name models of their own, unless MODEL is given.
study: build ## train and compare settings, and print the table (STUDY: augmentations, models, losses, changes)
	$(PROGRAM) study $(STUDY) $(if $(filter models,$(STUDY)),,$(if $(filter file,$(origin MODEL)),,--model $(call quote,$(MODEL)))) $(call option,--data,$(DATA)) $(call option,--epochs,$(EPOCHS)) --device $(call quote,$(DEVICE)) $(ARGS)

test: setup ## build and run the tests (ARGS: options of the xunit runner)
	@sh build/test.sh fast $(ARGS)

test-long: setup ## run the slow tests: killed trainings, gradients of all blocks, whole studies
	@sh build/test.sh long $(ARGS)

fuzz: setup ## look for inputs that a reader neither reads nor refuses; what is found is in artifacts/fuzz (MINUTES, READER, ARGS)
	dotnet build tests/SketchFlow.Tests -c Release -v quiet --nologo -clp:NoSummary
	OMP_WAIT_POLICY=PASSIVE artifacts/build/tests/SketchFlow.Fuzz run --minutes $(call quote,$(MINUTES)) $(call option,--reader,$(READER)) $(ARGS)

bench: build ## measure loader, training, inference
	$(PROGRAM) bench loader $(call option,--data,$(DATA)) $(ARGS)
	$(PROGRAM) bench train --model $(call quote,$(MODEL)) $(call option,--data,$(DATA)) --device $(call quote,$(DEVICE)) $(ARGS)
	$(PROGRAM) bench infer --model $(call quote,$(MODEL)) $(call option,--data,$(DATA)) --device $(call quote,$(DEVICE)) $(ARGS)

clean: ## remove the build, runs, logits and everything else under artifacts/
	@find artifacts -mindepth 1 -maxdepth 1 ! -name README.md -exec rm -rf {} +
