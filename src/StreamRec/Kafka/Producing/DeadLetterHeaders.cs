namespace StreamRec.Kafka.Producing;

/// <summary>Names of a dead letter's headers: schemas/dead-letter.md. Values are UTF-8 text.</summary>
internal static class DeadLetterHeaders
{
    public const int CurrentFormat = 1;

    public const string Format = "streamrec.format";
    public const string Reason = "streamrec.reason";
    public const string Message = "streamrec.message";
    public const string Topic = "streamrec.topic";
    public const string TopicUuid = "streamrec.topic_uuid";
    public const string Partition = "streamrec.partition";
    public const string Offset = "streamrec.offset";
    public const string Timestamp = "streamrec.timestamp";
    public const string KeyBytes = "streamrec.key_bytes";
    public const string ValueBytes = "streamrec.value_bytes";
    public const string ValueSha256 = "streamrec.value_sha256";

    /// <summary>"true" where key and value were cut; absent otherwise.</summary>
    public const string Cut = "streamrec.cut";
}
