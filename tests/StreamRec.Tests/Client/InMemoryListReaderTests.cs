using StreamRec.Client;
using StreamRec.Client.Testing;
using StreamRec.Events;
using StreamRec.Lists;

namespace StreamRec.Tests.Client;

public sealed class InMemoryListReaderTests : ListReaderContract
{
    private readonly InMemoryListReader _reader = new();
    private readonly InMemoryListReader _thrower = new(throwOnOutage: true);

    private protected override IListReader Reader => _reader;

    private protected override IListReader Thrower => _thrower;

    private protected override Task SetAsync(string? userId, PublishedList? list)
    {
        foreach (var reader in new[] { _reader, _thrower })
        {
            if (userId is null)
            {
                reader.SetPopular(list);
            }
            else
            {
                reader.Set(userId, list);
            }
        }
        return Task.CompletedTask;
    }

    private protected override Task SetSegmentAsync(string segment, PublishedList list)
    {
        _reader.SetSegment(segment, list);
        _thrower.SetSegment(segment, list);
        return Task.CompletedTask;
    }

    private protected override Task SetSimilarAsync(string itemId, PublishedList list)
    {
        _reader.SetSimilar(itemId, list);
        _thrower.SetSimilar(itemId, list);
        return Task.CompletedTask;
    }

    private protected override Task FailAsync()
    {
        _reader.Fail(ListReason.Unreachable);
        _thrower.Fail(ListReason.Unreachable);
        return Task.CompletedTask;
    }

    [Fact]
    public async Task A_page_that_shows_what_follows_from_a_click_can_be_tested_without_servers()
    {
        var publisher = new InMemoryPublisher();
        var click = new ClickEvent("e", User, "i", "click", 1767225600250);
        var position = await publisher.PublishAsync(click);
        var waiting = _reader.WaitForAsync(User, position, TimeSpan.FromMinutes(5));
        Assert.False(waiting.IsCompleted);

        _reader.Set(User, position, "next", "after");

        Assert.Equal(["next", "after"], (await waiting).List.Items);
        Assert.Equal([click], publisher.Published);
    }
}
