using StreamRec.Training.Options;
using StreamRec.Training.Sweeps;

namespace StreamRec.Tests.Training;

/// <summary>
/// Configurations and plans as people get them wrong: named by file and option, in no words of .NET's.
/// </summary>
public sealed class ModelConfigTests : IDisposable
{
    private readonly string _path = Path.GetTempFileName();

    public void Dispose() => File.Delete(_path);

    [Theory]
    [InlineData("""{"learning-rate": 0.1}""", "Did you mean learning_rate?")]
    [InlineData("""{"Dimension": 64}""", "Did you mean dimension?")]
    [InlineData("""{"dimension": "64"}""", "dimension is \"64\": give a whole number")]
    [InlineData("""{"dimension": 64.5}""", "give a whole number")]
    [InlineData("""{"dimension": 99999999999}""", "give a whole number")]
    [InlineData("""{"dimension": null}""", "leave it out")]
    [InlineData("""{"dimension": 5}""", "dimension is 5: it must lie between 16 and 1024")]
    [InlineData("""{"learning_rate": "0,1"}""", "give a number")]
    [InlineData("""{"learning_rate": 1e300}""", "give a number")]
    [InlineData("""{"residual": 1}""", "give true or false")]
    [InlineData("""{"loss": "soft-max"}""", "give \"softmax\"")]
    [InlineData("""{"loss": ["softmax"]}""", "give \"softmax\"")]
    [InlineData("""{"validation_users": -1}""", "validation_users is -1")]
    [InlineData("""{"epochs": 1, "epochs": 2}""", "epochs")]
    [InlineData("""[]""", "an object of options")]
    [InlineData("null", "an object of options")]
    [InlineData("{\n\"epochs\" 1}", ":2:")]
    public void A_wrong_configuration_is_named(string json, string named) =>
        Refused(json, named, () => ModelConfig.Read(_path));

    [Theory]
    [InlineData("""{"base": {"epochs": 1}}""", "no object 'try'")]
    [InlineData("""{"try": null}""", "no object 'try'")]
    [InlineData("""{"try": {}}""", "'try' is empty")]
    [InlineData("""{"try": {"dimension": 16}}""", "'dimension' of its 'try' is no list")]
    [InlineData("""{"try": {"dimension": []}}""", "'dimension' of its 'try' is no list")]
    [InlineData("""{"try": {"dimension": [16, "32"]}}""", "dimension is \"32\"")]
    [InlineData("""{"try": {"dimension": [16, 8]}}""", "dimension is 8")]
    [InlineData("""{"try": {"dimensions": [16]}}""", "Did you mean dimension?")]
    [InlineData("""{"base": [], "try": {"dimension": [16]}}""", "'base' is no object")]
    [InlineData("""{"bases": {}, "try": {"dimension": [16]}}""", "'bases'")]
    [InlineData("""{"base": {"validation_users": 0}, "try": {"dimension": [16]}}""", "validation")]
    [InlineData("[1]", "no object")]
    [InlineData("null", "no object")]
    [InlineData("{\n\"try\": {,}}", ":2:")]
    public void A_wrong_plan_is_named(string json, string named) => Refused(json, named, () => SweepPlan.Read(_path));

    [Fact]
    public void A_plan_of_too_many_trials_is_refused_before_they_are_made()
    {
        var values = string.Join(',', Enumerable.Range(2, 200));

        Refused(
            "{\"try\": {\"window\": [" + values + "], \"seed\": [" + values + "], \"patience\": [" + values + "]}}",
            "8000000 combinations",
            () => SweepPlan.Read(_path)
        );
    }

    private void Refused(string json, string named, Func<object> read)
    {
        File.WriteAllText(_path, json);

        var fault = Assert.Throws<StreamRecException>(read);

        Assert.Equal(FaultKind.Usage, fault.Kind);
        Assert.Contains(named, fault.Message);
        Assert.DoesNotContain("System.", fault.Message);
        Assert.DoesNotContain("StreamRec.", fault.Message);
    }
}
