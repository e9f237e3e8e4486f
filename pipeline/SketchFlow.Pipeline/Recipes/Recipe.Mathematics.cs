using SketchFlow.Learning.Training.Optimizers;
using SketchFlow.Learning.Training.Schedules;

namespace SketchFlow.Pipeline.Recipes;

public sealed partial record Recipe
{
    // Loss, mixing, optimiser, average and schedule.
    private void CheckMathematics()
    {
        CheckLoss();
        CheckOptimizer();
        CheckSchedule();
        Require(Mixing is { Mixup: >= 0, Cutmix: >= 0 }, "mixing.mixup and mixing.cutmix", $"{Mixing.Mixup} and {Mixing.Cutmix}", "0 (off) or more");
        Require(Mixing is { P: >= 0 and <= 1, Switch: >= 0 and <= 1 }, "mixing.p and mixing.switch", $"{Mixing.P} and {Mixing.Switch}", "0 to 1");
        Require(Mixing.OffEpochs >= 0, "mixing.off_epochs", Mixing.OffEpochs, "0 or more");
        Require(Ema.Decay is >= 0 and < 1, "ema.decay", Ema.Decay, "0 (off) to below 1");
        Require(Ema.MinDecay is >= 0 and < 1, "ema.min_decay", Ema.MinDecay, "0 to below 1");
        Require(Ema is { WarmupGamma: > 0, WarmupPower: > 0 }, "ema.warmup_gamma and ema.warmup_power", $"{Ema.WarmupGamma} and {Ema.WarmupPower}", "above 0");
        Require(Ema.StartAfter >= 0, "ema.start_after", Ema.StartAfter, "0 or more");
    }

    private void CheckLoss()
    {
        Require(Loss.LabelSmoothing is >= 0 and < 1, "loss.label_smoothing", Loss.LabelSmoothing, "0 to below 1");
        Require(Loss.ClassWeights?.All(w => w > 0 && double.IsFinite(w)) ?? true, "loss.class_weights", "a list with 0, less or no number", "numbers above 0");
        Require(Loss.Balance >= 0, "loss.balance", Loss.Balance, "0 (off) or more");
        Require(
            Loss.Balance == 0 || Loss.ClassWeights is null, "loss.balance", Loss.Balance, "0 beside loss.class_weights, which sets the same weights,");
        Require(Loss.Gamma >= 0, "loss.gamma", Loss.Gamma, "0 or more");
        Require(Loss.Alpha > 0, "loss.alpha", Loss.Alpha, "above 0");
        Require(Loss.GammaPositive >= 0, "loss.gamma_positive", Loss.GammaPositive, "0 or more");
        Require(Loss.GammaNegative >= 0, "loss.gamma_negative", Loss.GammaNegative, "0 or more");
        Require(Loss.Margin is >= 0 and < 1, "loss.margin", Loss.Margin, "0 to below 1");
        Require(Loss.Threshold is null or (>= 0 and < 1), "loss.threshold", Loss.Threshold, "0 to below 1");
        Require(Loss.L1 >= 0, "loss.l1", Loss.L1, "0 or more");
        Require(Loss.L2 >= 0, "loss.l2", Loss.L2, "0 or more");
    }

    private void CheckOptimizer()
    {
        Require(Optimizer.LearningRate > 0, "optimizer.learning_rate", Optimizer.LearningRate, "above 0");
        Require(Optimizer.WeightDecay >= 0, "optimizer.weight_decay", Optimizer.WeightDecay, "0 or more");
        Require(
            Optimizer.Decoupled is null || Optimizer.Kind is OptimizerKind.Sgd or OptimizerKind.Adam or OptimizerKind.AdamW or OptimizerKind.NAdam or OptimizerKind.RAdam,
            "optimizer.decoupled", Optimizer.Decoupled, "null for lion, lamb and adan, whose decay is their own,");
        Require(Optimizer.Beta1 is null or (>= 0 and < 1), "optimizer.beta1", Optimizer.Beta1, "0 to below 1");
        Require(Optimizer.Beta2 is null or (>= 0 and < 1), "optimizer.beta2", Optimizer.Beta2, "0 to below 1");
        Require(Optimizer.Beta3 is null or (>= 0 and < 1), "optimizer.beta3", Optimizer.Beta3, "0 to below 1");
        Require(Optimizer.Epsilon is null or > 0, "optimizer.epsilon", Optimizer.Epsilon, "above 0");
        Require(Optimizer.Momentum is >= 0 and < 1, "optimizer.momentum", Optimizer.Momentum, "0 to below 1");
        Require(Optimizer.MomentumDecay >= 0, "optimizer.momentum_decay", Optimizer.MomentumDecay, "0 or more");
        Require(Optimizer.LayerDecay is > 0 and <= 1, "optimizer.layer_decay", Optimizer.LayerDecay, "above 0 to 1 (off)");
        Require(Optimizer.ClipNorm >= 0, "optimizer.clip_norm", Optimizer.ClipNorm, "0 (no clipping) or more");
        Require(Optimizer.ClipValue > 0, "optimizer.clip_value", Optimizer.ClipValue, "above 0");
        Require(Optimizer.AgcFactor > 0, "optimizer.agc_factor", Optimizer.AgcFactor, "above 0");
    }

    private void CheckSchedule()
    {
        Require(Schedule.WarmupEpochs >= 0, "schedule.warmup_epochs", Schedule.WarmupEpochs, "0 or more");
        Require(Schedule.WarmupFactor is >= 0 and <= 1, "schedule.warmup_factor", Schedule.WarmupFactor, "0 to 1");
        Require(Schedule.CooldownEpochs >= 0, "schedule.cooldown_epochs", Schedule.CooldownEpochs, "0 or more");
        Require(Schedule.FinalFactor is >= 0 and <= 1, "schedule.final_factor", Schedule.FinalFactor, "0 to 1");
        Require(Schedule.Gamma is null or (> 0 and <= 1), "schedule.gamma", Schedule.Gamma, "above 0 to 1");
        Require(Schedule.StepEpochs > 0, "schedule.step_epochs", Schedule.StepEpochs, "above 0");
        Require(
            Schedule.Kind != ScheduleKind.MultiStep || Schedule.Milestones is { IsEmpty: false } milestones && milestones.All(m => m > 0),
            "schedule.milestones", Schedule.Milestones is { } m ? $"[{string.Join(", ", m)}]" : null, "a list of epochs above 0, such as [30, 60],");
        Require(Schedule.Climb is > 0 and < 1, "schedule.climb", Schedule.Climb, "above 0 and below 1");
        Require(Schedule.StartFactor is >= 0 and <= 1, "schedule.start_factor", Schedule.StartFactor, "0 to 1");
        Require(Schedule.CycleEpochs > 0, "schedule.cycle_epochs", Schedule.CycleEpochs, "above 0");
        Require(Schedule.CycleGrowth >= 1, "schedule.cycle_growth", Schedule.CycleGrowth, "1 or more");
        Require(Schedule.CycleDecay is > 0 and <= 1, "schedule.cycle_decay", Schedule.CycleDecay, "above 0 to 1");
        Require(Schedule.Power > 0, "schedule.power", Schedule.Power, "above 0");
        Require(Schedule.PlateauPatience >= 0, "schedule.plateau_patience", Schedule.PlateauPatience, "0 or more");
        Require(Schedule.PlateauThreshold >= 0, "schedule.plateau_threshold", Schedule.PlateauThreshold, "0 or more");
        Require(Schedule.PlateauRest >= 0, "schedule.plateau_rest", Schedule.PlateauRest, "0 or more");
    }
}
