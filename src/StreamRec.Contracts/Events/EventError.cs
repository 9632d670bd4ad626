namespace StreamRec.Events;

/// <summary>Why a record was refused.</summary>
/// <param name="Reason">The class of fault.</param>
/// <param name="Field">The field at fault; empty where it is the whole record.</param>
/// <param name="Message">One sentence for people, which does not quote the record.</param>
public readonly record struct EventError(EventReason Reason, string Field, string Message)
{
    /// <summary>The reason's stable text, as in dead letters.</summary>
    public string Code => Reason.Code();

    /// <summary>The message, led by the field's name where there is one.</summary>
    public string Sentence => Field is null or "" ? Message : $"{Field}: {Message}";

    /// <summary>Reason, field and message.</summary>
    public override string ToString() => Field is null or "" ? $"{Code}: {Message}" : $"{Code} in {Field}: {Message}";
}
