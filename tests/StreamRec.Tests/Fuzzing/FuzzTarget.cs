namespace StreamRec.Tests.Fuzzing;

/// <summary>A parser under fuzzing.</summary>
internal abstract class FuzzTarget
{
    public abstract string Name { get; }

    public abstract FuzzCorpus Corpus { get; }

    /// <summary>What parsing may allocate, whatever the input: this, …</summary>
    public abstract long FixedBytes { get; }

    /// <summary>… and so many times the input's length.</summary>
    public abstract long BytesPerByte { get; }

    /// <summary>Parses; null where the input is refused in the documented way. Anything thrown is a fault.</summary>
    public abstract object? Parse(ReadOnlyMemory<byte> input);

    /// <summary>
    /// Whether two parses of the same bytes are the same; what is behind the input must make no difference.
    /// </summary>
    public abstract bool Same(object first, object second);

    /// <summary>
    /// Fails where what was parsed breaks its contract, or does not survive being written and read again.
    /// </summary>
    public abstract void Check(object parsed);
}
