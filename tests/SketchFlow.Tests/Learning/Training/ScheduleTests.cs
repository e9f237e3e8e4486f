using FsCheck.Xunit;
using SketchFlow.Learning.Training;
using TorchSharp;

namespace SketchFlow.Tests.Learning.Training;

public class ScheduleTests
{
    [Property]
    public void The_rate_is_never_above_the_peak_nor_negative(ScheduleKind kind, byte steps, byte epochs, byte warmup)
    {
        var options = new ScheduleOptions { Kind = kind, WarmupEpochs = warmup / 16.0 };
        var (perEpoch, all) = (1 + (steps % 40), 1 + (epochs % 20));
        for (var step = 0; step < perEpoch * all; step++)
        {
            Assert.InRange(options.Factor(step, perEpoch, all), 0, 1);
        }
    }

    [Fact]
    public void Cosine_warms_up_in_a_line_and_ends_at_its_final_rate()
    {
        var options = new ScheduleOptions { WarmupEpochs = 2, WarmupFactor = 0.1, FinalFactor = 0.01 };
        Assert.Equal(0.1, options.Factor(0, 10, 10), 1e-12);
        Assert.Equal(0.55, options.Factor(10, 10, 10), 1e-12);
        Assert.Equal(1, options.Factor(20, 10, 10), 1e-12);
        Assert.Equal(0.01, options.Factor(99, 10, 10), 1e-12);
    }

    [Fact]
    public void Steps_are_the_reports_ten_times_less_every_eight_epochs()
    {
        var options = new ScheduleOptions { Kind = ScheduleKind.Step, WarmupEpochs = 0 };
        Assert.Equal([1, 1, 0.1, 0.1, 0.01], new[] { 0, 79, 80, 159, 160 }.Select(s => Math.Round(options.Factor(s, 10, 20), 10)));
    }

    [Fact]
    public void One_cycle_is_libtorchs()
    {
        using var scope = torch.NewDisposeScope();
        var parameter = new TorchSharp.Modules.Parameter(torch.zeros(1));
        var optimizer = torch.optim.SGD([parameter], 1);
        const int Steps = 60;
        var reference = torch.optim.lr_scheduler.OneCycleLR(optimizer, 1.0, total_steps: Steps, pct_start: 0.3, div_factor: 25, final_div_factor: 40);
        var options = new ScheduleOptions { Kind = ScheduleKind.OneCycle, StartFactor = 1 / 25.0, FinalFactor = 1 / 25.0 / 40 };
        for (var step = 0; step < Steps - 1; step++)
        {
            Assert.Equal(reference.get_last_lr().Single(), options.Factor(step, 6, 10), 1e-6);
            reference.step();
        }
    }
}
