using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Native;
using TorchSharp;

namespace SketchFlow.Learning.Precision;

/// <summary>
/// Switches libtorch's own autocast on and off. Inside a scope, matrix products and convolutions take bfloat16 or float16 inputs, and operations
/// that need range (softmax, losses, norms) stay in float32.
/// </summary>
/// <remarks>
/// TorchSharp has no autocast, but libtorch_cpu exports the state that <c>torch.autocast</c> sets (aten/src/ATen/autocast_mode.h).
/// The state belongs to the thread: open and close a scope on the same thread, around forward and loss, not around the backward pass.
/// </remarks>
public static unsafe class Autocast
{
    private static readonly Lazy<Switches> Native = new(Switches.Find);

    /// <summary>Whether this libtorch exports the functions that switch autocast.</summary>
    public static bool IsSupported => Native.Value.SetEnabled != null;

    /// <summary>Returns true inside an enabled scope of this thread.</summary>
    public static bool IsEnabled(DeviceType device) => IsSupported && Native.Value.IsEnabled(Code(device)) != 0;

    /// <summary>Returns the type that this thread's open scope computes in, for <see cref="Enter"/>; null outside a scope.</summary>
    public static torch.ScalarType? Current(DeviceType device) =>
        device is DeviceType.CPU or DeviceType.CUDA && IsEnabled(device)
            ? Native.Value.GetType(Code(device)) == Code(torch.ScalarType.Float16) ? torch.ScalarType.Float16 : torch.ScalarType.BFloat16
            : null;

    /// <summary>Opens a scope on this thread; dispose of it on the same thread. A null type opens a scope that changes nothing.</summary>
    /// <param name="device">CPU or CUDA.</param>
    /// <param name="type">BFloat16, or Float16 (CUDA).</param>
    /// <exception cref="RefusalException">This libtorch does not export autocast's functions.</exception>
    public static Scope Enter(DeviceType device, torch.ScalarType? type)
    {
        if (type is not { } computed)
        {
            return default;
        }

        if (!IsSupported)
        {
            throw new RefusalException(
                "This libtorch does not export the functions of autocast; use --amp off, or the libtorch that SketchFlow is built with.");
        }

        return new Scope(Code(device), Code(computed));
    }

    /// <summary>
    /// Suspends an open scope of this thread for one operation, which then computes in the types of its inputs. Dispose of the result on the same
    /// thread. Outside a scope it does nothing.
    /// </summary>
    public static Suspension Suspend(DeviceType device) => IsEnabled(device) ? new Suspension(Code(device)) : default;

    private static sbyte Code(DeviceType device) => device switch
    {
        DeviceType.CPU => 0,
        DeviceType.CUDA => 1,
        _ => throw new ArgumentOutOfRangeException(nameof(device), device, "Expected CPU or CUDA for autocast."),
    };

    private static sbyte Code(torch.ScalarType type) => type switch
    {
        torch.ScalarType.Float16 => 5,
        torch.ScalarType.BFloat16 => 15,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "Expected Float16 or BFloat16 for autocast."),
    };

    /// <summary>A suspended scope.</summary>
    public readonly ref struct Suspension
    {
        private readonly bool _open;
        private readonly sbyte _device;

        internal Suspension(sbyte device)
        {
            (_open, _device) = (true, device);
            Native.Value.SetEnabled(device, 0);
        }

        /// <summary>Resumes autocast in its previous type.</summary>
        public void Dispose()
        {
            if (_open)
            {
                Native.Value.SetEnabled(_device, 1);
            }
        }
    }

    /// <summary>An open scope.</summary>
    public readonly ref struct Scope
    {
        private readonly bool _open;
        private readonly sbyte _device;
        private readonly sbyte _previousType;
        private readonly byte _previouslyEnabled;

        internal Scope(sbyte device, sbyte type)
        {
            var native = Native.Value;
            _open = true;
            _device = device;
            _previouslyEnabled = native.IsEnabled(device);
            _previousType = native.GetType(device);
            native.SetEnabled(device, 1);
            native.SetType(device, type);
            native.Increment();
        }

        /// <summary>Restores the previous state; the outermost scope clears the cache of cast weights.</summary>
        public void Dispose()
        {
            if (!_open)
            {
                return;
            }

            var native = Native.Value;
            if (native.Decrement() == 0)
            {
                native.ClearCache();
            }

            native.SetEnabled(_device, _previouslyEnabled);
            native.SetType(_device, _previousType);
        }
    }

    // DeviceType and ScalarType are one-byte enumerations (c10/core/DeviceType.h, ScalarType.h).
    private sealed class Switches
    {
        public delegate* unmanaged<sbyte, byte, void> SetEnabled;
        public delegate* unmanaged<sbyte, byte> IsEnabled;
        public delegate* unmanaged<sbyte, sbyte, void> SetType;
        public new delegate* unmanaged<sbyte, sbyte> GetType;
        public delegate* unmanaged<int> Increment;
        public delegate* unmanaged<int> Decrement;
        public delegate* unmanaged<void> ClearCache;

        public static Switches Find()
        {
            var found = new Switches
            {
                SetEnabled = (delegate* unmanaged<sbyte, byte, void>)LibTorch.Export("_ZN2at8autocast20set_autocast_enabledEN3c1010DeviceTypeEb"),
                IsEnabled = (delegate* unmanaged<sbyte, byte>)LibTorch.Export("_ZN2at8autocast19is_autocast_enabledEN3c1010DeviceTypeE"),
                SetType = (delegate* unmanaged<sbyte, sbyte, void>)LibTorch.Export(
                    "_ZN2at8autocast18set_autocast_dtypeEN3c1010DeviceTypeENS1_10ScalarTypeE"),
                GetType = (delegate* unmanaged<sbyte, sbyte>)LibTorch.Export("_ZN2at8autocast18get_autocast_dtypeEN3c1010DeviceTypeE"),
                Increment = (delegate* unmanaged<int>)LibTorch.Export("_ZN2at8autocast17increment_nestingEv"),
                Decrement = (delegate* unmanaged<int>)LibTorch.Export("_ZN2at8autocast17decrement_nestingEv"),
                ClearCache = (delegate* unmanaged<void>)LibTorch.Export("_ZN2at8autocast11clear_cacheEv"),
            };
            var whole = found.SetEnabled != null && found.IsEnabled != null && found.SetType != null && found.GetType != null
                && found.Increment != null && found.Decrement != null && found.ClearCache != null;
            return whole ? found : new Switches();
        }
    }
}
