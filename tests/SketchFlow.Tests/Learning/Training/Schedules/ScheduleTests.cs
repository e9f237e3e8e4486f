using FsCheck.Xunit;
using SketchFlow.Learning.Training.Kinds;
using SketchFlow.Learning.Training.Schedules;
using TorchSharp;

namespace SketchFlow.Tests.Learning.Training.Schedules;

public class ScheduleTests
{
    [Property]
    public void The_rate_is_never_above_the_peak_nor_negative(byte kind, byte steps, byte epochs, byte warmup)
    {
        var options = Drawn(kind) is WarmupSchedule schedule ? schedule with { WarmupEpochs = warmup / 16.0 } : Drawn(kind);
        var (perEpoch, all) = (1 + (steps % 40), 1 + (epochs % 20));
        for (var step = 0; step < perEpoch * all; step++)
        {
            Assert.InRange(options.Factor(step, perEpoch, all), 0, 1);
        }
    }

    [Fact]
    public void Cosine_warms_up_linearly_and_ends_at_its_final_rate()
    {
        var options = new Cosine { WarmupEpochs = 2, WarmupFactor = 0.1, FinalFactor = 0.01 };
        Assert.Equal(0.1, options.Factor(0, 10, 10), 1e-12);
        Assert.Equal(0.55, options.Factor(10, 10, 10), 1e-12);
        Assert.Equal(1, options.Factor(20, 10, 10), 1e-12);
        Assert.Equal(0.01, options.Factor(99, 10, 10), 1e-12);
    }

    [Fact]
    public void Steps_are_the_reports_ten_times_less_every_eight_epochs()
    {
        var options = new Step { WarmupEpochs = 0 };
        Assert.Equal([1, 1, 0.1, 0.1, 0.01], new[] { 0, 79, 80, 159, 160 }.Select(s => Math.Round(options.Factor(s, 10, 20), 10)));
    }

    public static TheoryData<Schedule, int, string?> Problems => new()
    {
        { new Step { WarmupEpochs = 0 }, 9, null },
        { new Step { WarmupEpochs = 0 }, 8, "schedule.step_epochs is 8 and the run has 8 epochs, so that the learning rate never falls; use "
            + "--set schedule.step_epochs=4, or --set schedule.kind=one_cycle, which follows the number of epochs." },
        { new Step { WarmupEpochs = 0 }, 1, "schedule.step_epochs is 8 and the run has 1 epoch, so that the learning rate never falls; use "
            + "--set schedule.kind=one_cycle, which follows the number of epochs." },
        { new Step { CooldownEpochs = 2 }, 5, null },
        { new MultiStep { Milestones = [30, 60] }, 40, null },
        { new MultiStep { Milestones = [30, 60] }, 20, "schedule.milestones is [30, 60] and the run has 20 epochs, so that the learning rate never falls; "
            + "use --set schedule.milestones=[10], or --set schedule.kind=one_cycle, which follows the number of epochs." },
        { new Plateau { PlateauPatience = 2 }, 5, null },
        { new Plateau { PlateauPatience = 2 }, 4, "schedule.plateau_patience is 2 and the run has 4 epochs, so that the learning rate is never reduced; use "
            + "--set schedule.plateau_patience=0, or --set schedule.kind=one_cycle, which follows the number of epochs." },
        { new CosineRestarts { WarmupEpochs = 1, CycleEpochs = 4 }, 5, null },
        { new CosineRestarts { WarmupEpochs = 1, CycleEpochs = 5 }, 5, "schedule.cycle_epochs is 5 and the run has 5 epochs, so that the learning rate does "
            + "not fall to the end of the first cycle; use --set schedule.cycle_epochs=4, or --set schedule.kind=one_cycle, which follows the number of "
            + "epochs." },
        { new Cosine { WarmupEpochs = 5 }, 5, "schedule.warmup_epochs is 5 and the run has 5 epochs, so that all of it is warm-up; use "
            + "--set schedule.warmup_epochs=0, or --set schedule.kind=one_cycle, which follows the number of epochs." },
        { new Cosine { WarmupEpochs = 4 }, 5, null },
        { new OneCycle(), 1, null },
    };

    [Theory]
    [MemberData(nameof(Problems))]
    public void A_schedule_that_does_not_fit_the_number_of_epochs_says_so_with_the_remedy(Schedule schedule, int epochs, string? problem) =>
        Assert.Equal(problem, schedule.FindProblem(epochs));

    [Property]
    public void A_step_schedule_has_a_problem_exactly_if_its_rate_is_the_same_in_all_epochs(byte steps, byte epochs)
    {
        var (schedule, all) = (new Step { WarmupEpochs = 0, StepEpochs = 1 + (steps % 12) }, 1 + (epochs % 12));
        Assert.Equal(schedule.Factor(0, 5, all) == schedule.Factor((5 * all) - 1, 5, all), schedule.FindProblem(all) is not null);
    }

    [Fact]
    public void One_cycle_is_libtorchs()
    {
        using var scope = torch.NewDisposeScope();
        var parameter = new TorchSharp.Modules.Parameter(torch.zeros(1));
        var optimizer = torch.optim.SGD([parameter], 1);
        const int Steps = 60;
        var reference = torch.optim.lr_scheduler.OneCycleLR(optimizer, 1.0, total_steps: Steps, pct_start: 0.3, div_factor: 25, final_div_factor: 40);
        var options = new OneCycle { StartFactor = 1 / 25.0, FinalFactor = 1 / 25.0 / 40 };
        for (var step = 0; step < Steps - 1; step++)
        {
            Assert.Equal(reference.get_last_lr().Single(), options.Factor(step, 6, 10), 1e-6);
            reference.step();
        }
    }

    [Theory]
    [InlineData(typeof(Step))]
    [InlineData(typeof(Exponential))]
    [InlineData(typeof(Cosine))]
    public void Step_exponential_and_cosine_are_libtorchs(Type kind)
    {
        using var scope = torch.NewDisposeScope();
        var parameter = new TorchSharp.Modules.Parameter(torch.zeros(1));
        var optimizer = torch.optim.SGD([parameter], 1);
        const int Epochs = 30;
        (Schedule Schedule, torch.optim.lr_scheduler.LRScheduler Reference) pair = kind == typeof(Step)
            ? (new Step { WarmupEpochs = 0, Gamma = 0.3, StepEpochs = 7 }, torch.optim.lr_scheduler.StepLR(optimizer, 7, 0.3))
            : kind == typeof(Exponential)
                ? (new Exponential { WarmupEpochs = 0, Gamma = 0.9 }, torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.9))
                : (new Cosine { WarmupEpochs = 0, FinalFactor = 0.01 }, torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, Epochs - 1, 0.01));
        var (options, reference) = pair;
        // An epoch has one step, since PyTorch's schedulers are stepped once per epoch.
        for (var epoch = 0; epoch < Epochs; epoch++)
        {
            Assert.Equal(reference.get_last_lr().Single(), options.Factor(epoch, 1, Epochs), 1e-6);
            reference.step();
        }
    }

    [Fact]
    public void Milestones_multiply_from_their_epoch_on_for_any_warm_up()
    {
        var options = new MultiStep { WarmupEpochs = 2, Milestones = [3, 5.5], Gamma = 0.2 };
        Assert.Equal([1, 1, 0.2, 0.2, 0.04, 0.04], new[] { 8, 11, 12, 21, 22, 39 }.Select(s => Math.Round(options.Factor(s, 4, 10), 12)));
    }

    [Fact]
    public void Cosines_with_restarts_are_PyTorchs_formula()
    {
        var options = new CosineRestarts { WarmupEpochs = 1, CycleEpochs = 3, CycleGrowth = 2, FinalFactor = 0.1 };
        for (var step = 5; step < 5 * 20; step++)
        {
            // CosineAnnealingWarmRestarts.step(epoch) for T_mult > 1: n = log(epoch / T_0 (T_mult - 1) + 1) base T_mult.
            var epoch = (step - 5) / 5.0;
            var n = Math.Floor(Math.Log2((epoch / 3) + 1) + 1e-12);
            var (now, length) = (epoch - (3 * (Math.Pow(2, n) - 1)), 3 * Math.Pow(2, n));
            Assert.Equal(0.1 + (0.9 * (1 + Math.Cos(Math.PI * now / length)) / 2), options.Factor(step, 5, 20), 1e-9);
        }

        var lower = options with { CycleDecay = 0.5, WarmupEpochs = 0 };
        Assert.Equal([1, 0.5, 0.25], new[] { 0, 15, 45 }.Select(s => Math.Round(lower.Factor(s, 5, 20), 12)));
    }

    [Property]
    public void A_polynomial_is_PyTorchs_formula(byte power)
    {
        // PolynomialLR's closed form with total_iters = 49, the last step.
        var options = new Polynomial { Power = 0.5 + (power / 64.0), FinalFactor = 0, WarmupEpochs = 0 };
        for (var step = 0; step < 50; step++)
        {
            Assert.Equal(Math.Pow(1 - (step / 49.0), options.Power), options.Factor(step, 5, 10), 1e-12);
        }
    }

    [Property]
    public void A_plateau_is_PyTorchs_step_by_step(double[] metrics, bool lowerIsBetter, byte patience, byte rest)
    {
        var options = new Plateau
        {
            PlateauPatience = patience % 3,
            PlateauRest = rest % 3,
            Gamma = 0.5,
            FinalFactor = 0.01,
            PlateauThreshold = 0.01,
        };
        var state = new PlateauState();
        // ReduceLROnPlateau.step of PyTorch 2, with threshold_mode rel.
        var (rate, best, bad, cooldown) = (1.0, lowerIsBetter ? double.PositiveInfinity : double.NegativeInfinity, 0, 0);
        foreach (var metric in metrics.Select(m => double.IsFinite(m) ? Math.Abs(m % 3) : 1))
        {
            if (lowerIsBetter ? metric < best * 0.99 : metric > best * 1.01)
            {
                (best, bad) = (metric, 0);
            }
            else
            {
                bad++;
            }

            if (cooldown > 0)
            {
                (cooldown, bad) = (cooldown - 1, 0);
            }

            if (bad > options.PlateauPatience)
            {
                (rate, cooldown, bad) = (Math.Max(rate * 0.5, 0.01), options.PlateauRest, 0);
            }

            state = options.Observe(state, metric, lowerIsBetter);
            Assert.Equal(rate, state.Factor);
            Assert.Equal(rate, options.Factor(50, 10, 10, state));
        }
    }

    [Fact]
    public void A_metric_that_is_not_a_number_is_no_improvement()
    {
        var options = new Plateau { PlateauPatience = 0 };
        var state = options.Observe(options.Observe(new PlateauState(), 1, true), double.NaN, true);
        Assert.Equal((0.1, 1.0), (state.Factor, state.Best!.Value));
    }

    [Property]
    public void Every_shape_climbs_to_where_it_begins_and_cools_down_to_the_final_rate(byte kind)
    {
        var options = Drawn(kind) with { CooldownEpochs = 3, FinalFactor = 0.05 };
        options = options is WarmupSchedule schedule ? schedule with { WarmupEpochs = 2, WarmupFactor = 0.2 } : options;
        if (options is WarmupSchedule)
        {
            Assert.Equal(0.2, options.Factor(0, 10, 12), 1e-12);
            Assert.Equal(0.6, options.Factor(10, 10, 12), 1e-12);
            Assert.Equal(1, options.Factor(20, 10, 12), 1e-12);
        }

        // The cool-down is linear from the shape's last rate, and ends at the final rate.
        var (last, first, middle, end) = (options.Factor(89, 10, 12), options.Factor(90, 10, 12), options.Factor(104, 10, 12), options.Factor(119, 10, 12));
        Assert.Equal(0.05, end, 1e-12);
        Assert.Equal(last + ((0.05 - last) / 30), first, 1e-12);
        Assert.Equal((last + 0.05) / 2, middle, 1e-12);
    }

    [Fact]
    public void Validation_changes_the_state_of_plateau_only() => Assert.All(KindRegistry.CreateAll<Schedule>(), schedule =>
    {
        var state = new PlateauState(0.5, 1, 2, 1);
        Assert.Equal(schedule is not Plateau, ReferenceEquals(state, schedule.Observe(state, 0.5, lowerIsBetter: true)));
    });

    private static Schedule Drawn(byte kind)
    {
        var all = KindRegistry.CreateAll<Schedule>();
        return all[kind % all.Length] is MultiStep steps ? steps with { Milestones = [4] } : all[kind % all.Length];
    }
}
