using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace SketchFlow.Learning.Weights.Torch;

/// <summary>
/// Python's pickle as far as plain containers need it, for protocols 0 to 5 (CPython's <c>Lib/pickletools.py</c>). Nothing is
/// executed: a global is a name until the caller makes something of it, and the caller knows a fixed set of names.
/// </summary>
/// <remarks>
/// Values: null, <see cref="bool"/>, <see cref="long"/>, <see cref="double"/>, <see cref="string"/>, <c>byte[]</c>,
/// <c>object?[]</c> (a tuple), <see cref="List{T}"/> (a list or set), <see cref="Map"/>, <see cref="Global"/>, and what the caller makes.
/// </remarks>
internal static class Pickle
{
    /// <summary>A function or class by its name; only a name.</summary>
    public sealed record Global(string Module, string Name)
    {
        /// <inheritdoc/>
        public override string ToString() => $"{Module}.{Name}";
    }

    /// <summary>A dictionary, in its order. A key that occurs again keeps both; the later one is meant, as in Python.</summary>
    public sealed class Map
    {
        /// <summary>Keys and values.</summary>
        public List<(object? Key, object? Value)> Items { get; } = [];
    }

    /// <summary>What the caller makes of names.</summary>
    public abstract class Reader
    {
        /// <summary>What stands for a global, or an exception if it is not known.</summary>
        public abstract object? Find(Global global);

        /// <summary>What a known global makes of its arguments.</summary>
        public abstract object? Call(object? function, object?[] arguments);

        /// <summary>What a persistent identifier means.</summary>
        public abstract object? Persistent(object? id);

        /// <summary>Gives an object its state.</summary>
        public abstract void Build(object? target, object? state);
    }

    /// <summary>A pickle that cannot be read; the message ends a sentence.</summary>
    public sealed class PickleException(string why) : Exception(why);

    private sealed record Mark;

    /// <summary>Reads one value from <paramref name="bytes"/>.</summary>
    /// <exception cref="PickleException">The bytes are not a pickle, or need what is not known here.</exception>
    public static object? Read(byte[] bytes, Reader reader) => new Machine(bytes, reader).Run();

    private sealed class Machine(byte[] bytes, Reader reader)
    {
        private static readonly Mark TheMark = new();
        private readonly List<object?> _stack = [];
        private readonly Dictionary<long, object?> _memo = [];
        private int _at;

        public object? Run()
        {
            while (true)
            {
                var place = _at;
                var operation = (char)Byte();
                switch (operation)
                {
                    case '\x80': Protocol(); break;
                    case '\x95': Take(Length(Eight())); _at = place + 9; break; // FRAME: only a promise of length
                    case '.': return Stop();
                    case '(': Push(TheMark); break;
                    case '0': Pop(); break;
                    case '1': PopToMark(); break;
                    case '2': Push(Top()); break;
                    case 'N': Push(null); break;
                    case '\x88': Push(true); break;
                    case '\x89': Push(false); break;
                    case 'I': Push(Whole(Line())); break;
                    case 'L': Push(Whole(Line().TrimEnd('L'))); break;
                    case 'J': Push((long)BinaryPrimitives.ReadInt32LittleEndian(Take(4))); break;
                    case 'K': Push((long)Byte()); break;
                    case 'M': Push((long)BinaryPrimitives.ReadUInt16LittleEndian(Take(2))); break;
                    case '\x8a': PushLong(Take(Byte())); break;
                    case '\x8b': PushLong(Take(Length(Four()))); break;
                    case 'F': Push(Real(Line())); break;
                    case 'G': Push(BinaryPrimitives.ReadDoubleBigEndian(Take(8))); break;
                    case 'X': Push(Text(Take(Length(Four())))); break;
                    case '\x8c': Push(Text(Take(Byte()))); break;
                    case '\x8d': Push(Text(Take(Length(Eight())))); break;
                    case 'T': Push(Text(Take(Length(Four())))); break;
                    case 'U': Push(Text(Take(Byte()))); break;
                    case 'B': Push(Take(Length(Four())).ToArray()); break;
                    case 'C': Push(Take(Byte()).ToArray()); break;
                    case '\x8e': Push(Take(Length(Eight())).ToArray()); break;
                    case ')': Push(Array.Empty<object?>()); break;
                    case 't': Push(PopToMark()); break;
                    case '\x85': Push(Popped(1)); break;
                    case '\x86': Push(Popped(2)); break;
                    case '\x87': Push(Popped(3)); break;
                    case ']': Push(new List<object?>()); break;
                    case '\x8f': Push(new List<object?>()); break; // EMPTY_SET
                    case 'l': Push(PopToMark().ToList()); break;
                    case '\x91': Push(PopToMark().ToList()); break; // FROZENSET
                    case 'a': Append(Popped(1)); break;
                    case 'e': Append(PopToMark()); break;
                    case '\x90': Append(PopToMark()); break; // ADDITEMS
                    case '}': Push(new Map()); break;
                    case 'd': Push(new Map()); SetItems(SwapMap()); break;
                    case 's': SetItems(Popped(2)); break;
                    case 'u': SetItems(PopToMark()); break;
                    case 'c': Push(reader.Find(new Global(Line(), Line()))); break;
                    case '\x93': Push(StackGlobal(Popped(2))); break;
                    case 'R': Call(Popped(2)); break;
                    case '\x81': Call(Popped(2)); break; // NEWOBJ: what is known here is made the same way
                    case 'b': Build(Popped(2)); break;
                    case 'Q': Push(reader.Persistent(Pop())); break;
                    case 'p': _memo[Whole(Line())] = Top(); break;
                    case 'q': _memo[Byte()] = Top(); break;
                    case 'r': _memo[Four()] = Top(); break;
                    case '\x94': _memo[_memo.Count] = Top(); break;
                    case 'g': Push(Remembered(Whole(Line()))); break;
                    case 'h': Push(Remembered(Byte())); break;
                    case 'j': Push(Remembered(Four())); break;
                    default:
                        throw new PickleException($"the operation 0x{(int)operation:X2} at byte {place} of its pickle is not needed for tensors and containers and is refused");
                }
            }
        }

        private void Protocol()
        {
            var version = Byte();
            if (version > 5)
            {
                throw new PickleException($"its pickle is of protocol {version}; 0 to 5 are known");
            }
        }

        private object? Stop()
        {
            var value = Pop();
            return _stack.Count == 0 ? value : throw new PickleException("its pickle ends with more than one value");
        }

        private void Push(object? value) => _stack.Add(value);

        private object? Top()
        {
            if (_stack.Count == 0 || _stack[^1] is Mark)
            {
                throw new PickleException($"its pickle takes a value that is not there, before byte {_at}");
            }

            return _stack[^1];
        }

        private object? Pop()
        {
            var value = Top();
            _stack.RemoveAt(_stack.Count - 1);
            return value;
        }

        private object?[] Popped(int count)
        {
            var values = new object?[count];
            while (count > 0)
            {
                values[--count] = Pop();
            }

            return values;
        }

        private object?[] PopToMark()
        {
            var mark = _stack.LastIndexOf(TheMark);
            if (mark < 0)
            {
                throw new PickleException($"its pickle takes values up to a mark that is not there, before byte {_at}");
            }

            object?[] values = [.. _stack[(mark + 1)..]];
            _stack.RemoveRange(mark, _stack.Count - mark);
            return values;
        }

        private object?[] SwapMap()
        {
            // DICT: the pairs lie below; take them out from under the new dictionary.
            var map = Pop();
            var pairs = PopToMark();
            Push(map);
            return pairs;
        }

        private void Append(object?[] values) =>
            (Top() as List<object?> ?? throw new PickleException($"its pickle appends to something that is no list, before byte {_at}")).AddRange(values);

        private void SetItems(object?[] pairs)
        {
            if (Top() is not Map map || pairs.Length % 2 != 0)
            {
                throw new PickleException($"its pickle sets items of something that is no dictionary, before byte {_at}");
            }

            for (var i = 0; i < pairs.Length; i += 2)
            {
                map.Items.Add((pairs[i], pairs[i + 1]));
            }
        }

        private object? StackGlobal(object?[] names) => names is [string module, string name]
            ? reader.Find(new Global(module, name))
            : throw new PickleException($"its pickle names a global by something that is no text, before byte {_at}");

        private void Call(object?[] call) => Push(call[1] is object?[] arguments
            ? reader.Call(call[0], arguments)
            : throw new PickleException($"its pickle calls {call[0]} without a tuple of arguments"));

        private void Build(object?[] pair)
        {
            reader.Build(pair[0], pair[1]);
            Push(pair[0]);
        }

        private object? Remembered(long key) =>
            _memo.TryGetValue(key, out var value) ? value : throw new PickleException($"its pickle remembers value {key}, which it has not met, before byte {_at}");

        private byte Byte() => Take(1)[0];

        private long Four() => BinaryPrimitives.ReadUInt32LittleEndian(Take(4));

        private ulong Eight() => BinaryPrimitives.ReadUInt64LittleEndian(Take(8));

        private int Length(long length) => Length((ulong)length);

        private int Length(ulong length) => length <= (ulong)(bytes.Length - _at)
            ? (int)length
            : throw new PickleException($"a value of {length} bytes begins at byte {_at} of its pickle, which has only {bytes.Length}");

        private ReadOnlySpan<byte> Take(int count)
        {
            if (count > bytes.Length - _at)
            {
                throw new PickleException($"its pickle ends in the middle, at byte {bytes.Length}");
            }

            _at += count;
            return bytes.AsSpan(_at - count, count);
        }

        private string Line()
        {
            var length = bytes.AsSpan(_at).IndexOf((byte)'\n');
            if (length < 0)
            {
                throw new PickleException($"a line that begins at byte {_at} of its pickle does not end");
            }

            var text = Text(Take(length));
            _at++;
            return text;
        }

        private static string Text(ReadOnlySpan<byte> utf8) => Encoding.UTF8.GetString(utf8);

        private static long Whole(string text) => text switch
        {
            "00" => 0, // False and True of protocol 0
            "01" => 1,
            _ when long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) => value,
            _ => throw new PickleException($"its pickle holds '{text}' as a whole number"),
        };

        private static double Real(string text) => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value)
            ? value
            : throw new PickleException($"its pickle holds '{text}' as a number");

        /// <summary>Little-endian, two's complement; larger than 64 bits becomes a double, which nothing here counts with.</summary>
        private void PushLong(ReadOnlySpan<byte> digits)
        {
            if (digits.Length > 64)
            {
                throw new PickleException($"its pickle holds a whole number of {digits.Length} bytes");
            }

            var value = new System.Numerics.BigInteger(digits);
            if (value >= long.MinValue && value <= long.MaxValue)
            {
                Push((long)value);
            }
            else
            {
                Push((double)value);
            }
        }
    }
}
