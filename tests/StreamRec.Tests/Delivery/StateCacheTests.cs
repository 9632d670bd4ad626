using StreamRec.Delivery.Batches;

namespace StreamRec.Tests.Delivery;

public sealed class StateCacheTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(40)]
    public void The_least_recently_used_leave_first(int capacity)
    {
        var random = new Random(capacity);
        var cache = new StateCache(capacity);
        var expected = new List<string>();
        for (var i = 0; i < 5_000; i++)
        {
            if (random.Next(500) == 0)
            {
                cache.Clear();
                expected.Clear();
            }
            var id = $"é{random.Next(2 * capacity + 2)}";
            var known = expected.Remove(id);
            var found = cache.Find(System.Text.Encoding.UTF8.GetBytes(id));
            Assert.Equal(known ? id : null, found?.UserId);
            if (!known)
            {
                var inUse = random.Next(3);
                var spare = cache.TakeSpare(inUse);
                Assert.Equal(expected.Count < capacity || expected.Count <= inUse ? null : expected[0], spare?.UserId);
                cache.Add(spare is Named named ? named.Become(id) : new Named(id));
            }
            expected.Add(id);
            expected.RemoveRange(0, Math.Max(0, expected.Count - capacity));
            Assert.Equal(expected.Count, cache.Count);
        }
    }

    private sealed class Named(string userId) : UserState(userId)
    {
        public Named Become(string userId)
        {
            Rename(userId);
            return this;
        }
    }
}
