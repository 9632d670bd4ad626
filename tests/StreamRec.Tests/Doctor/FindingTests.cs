using StreamRec.Doctor;
using StreamRec.Tests.Contracts;

namespace StreamRec.Tests.Doctor;

public sealed class FindingTests
{
    [Fact]
    public void A_line_is_its_level_what_was_seen_and_what_mends_it()
    {
        Assert.Equal("ok    a.b: seen", Finding.Ok("a.b", "seen").ToText());
        Assert.Equal("fail  a.b: seen it  mend it", Finding.Fail("a.b", "seen\nit", "mend it").ToText());
    }

    [Fact]
    public void What_machines_read_is_as_the_schema_says()
    {
        var json = Finding.ToJson([Finding.Warn("a", "b"), Finding.Fail("c", "d", "e")]);

        Assert.True(ContractFiles.IsValid("cli/doctor.schema.json", json), json);
        Assert.Equal(
            """{"ok":false,"checks":[{"check":"a","level":"warn","seen":"b","mend":null},"""
                + """{"check":"c","level":"fail","seen":"d","mend":"e"}]}""",
            json
        );
        Assert.StartsWith("""{"ok":true""", Finding.ToJson([Finding.Warn("a", "b")]));
    }
}
