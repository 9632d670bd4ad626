namespace StreamRec.Encoders;

/// <summary>
/// The model's encoder could not encode users: another bundle may; states have nothing to do with it.
/// </summary>
public sealed class EncoderFailedException(string message, Exception? inner = null) : Exception(message, inner);
