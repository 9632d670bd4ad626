using Confluent.Kafka;
using Confluent.Kafka.Admin;

namespace StreamRec.Client.Kafka;

/// <summary>Asks for a topic's incarnation.</summary>
internal static class TopicIds
{
    /// <summary>The topic's description; null from a broker that has no topic ids.</summary>
    /// <param name="rights">Ask for this user's rights too.</param>
    /// <exception cref="KafkaException">Kafka does not answer, or refuses.</exception>
    public static async Task<TopicDescription?> AskAsync(IAdminClient admin, string topic, TimeSpan limit, bool rights)
    {
        try
        {
            var answer = await admin
                .DescribeTopicsAsync(
                    TopicCollection.OfTopicNames([topic]),
                    new DescribeTopicsOptions { RequestTimeout = limit, IncludeAuthorizedOperations = rights }
                )
                .ConfigureAwait(false);
            return answer.TopicDescriptions.Single();
        }
        catch (KafkaException fault)
            when (fault.Error.Code is ErrorCode.Local_UnsupportedFeature or ErrorCode.UnsupportedVersion)
        {
            return null;
        }
    }
}
