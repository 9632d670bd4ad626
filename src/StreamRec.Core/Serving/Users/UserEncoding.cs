using StreamRec.Encoders;
using StreamRec.Models;

namespace StreamRec.Serving.Users;

/// <summary>
/// Encodes the users of a batch: by steps where the bundle has them, else by rerun. One thread at a time.
/// </summary>
internal sealed class UserEncoding(Bundle bundle, IUserEncoder whole, IStepEncoder? step, VectorLimit limit)
    : IDisposable
{
    private readonly List<int> _encoded = [];
    private readonly List<ReadOnlyMemory<int>> _inputs = [];
    private readonly int _dimension = bundle.Manifest.Dimension;
    private float[] _vectors = [];
    private float[] _stepped = [];
    private int[] _next = [];
    private int[] _order = [];
    private int[] _items = [];
    private float[][] _states = [];

    /// <summary>
    /// Slots of the users that were encoded; of the others the model knows no item, or has no usable vector.
    /// </summary>
    public IReadOnlyList<int> Encoded => _encoded;

    /// <summary>Slots of the users whose vector is beyond the limit.</summary>
    public List<int> Unusable { get; } = [];

    /// <summary>A user's vector, by its place in <see cref="Encoded"/>.</summary>
    public ReadOnlySpan<float> Vector(int place) => _vectors.AsSpan(place * _dimension, _dimension);

    /// <summary>The vectors of all that were encoded, one after the other.</summary>
    public ReadOnlySpan<float> Vectors => _vectors.AsSpan(0, _encoded.Count * _dimension);

    /// <param name="added">Rows of items that the bundle does not know; null: users have none.</param>
    public void Encode(ReadOnlySpan<ServedUser> users, IAddedRows? added = null)
    {
        _encoded.Clear();
        Unusable.Clear();
        if (_vectors.Length < users.Length * _dimension)
        {
            _vectors = new float[users.Length * _dimension];
            _stepped = new float[users.Length * _dimension];
            (_next, _order, _items, _states) = (
                new int[users.Length],
                new int[users.Length],
                new int[users.Length],
                new float[users.Length][]
            );
        }
        if (step is null)
        {
            Rerun(users, added);
        }
        else
        {
            Advance(users, step, added);
        }
        if (!limit.Allows(Vectors))
        {
            LeaveOutUnusable();
        }
    }

    public void Dispose() => (step as IDisposable)?.Dispose();

    private void LeaveOutUnusable()
    {
        var kept = 0;
        for (var place = 0; place < _encoded.Count; place++)
        {
            if (limit.Allows(Vector(place)))
            {
                Vector(place).CopyTo(_vectors.AsSpan(kept * _dimension));
                _encoded[kept++] = _encoded[place];
            }
            else
            {
                Unusable.Add(_encoded[place]);
            }
        }
        _encoded.RemoveRange(kept, _encoded.Count - kept);
    }

    private void Rerun(ReadOnlySpan<ServedUser> users, IAddedRows? added)
    {
        _inputs.Clear();
        for (var slot = 0; slot < users.Length; slot++)
        {
            var input = users[slot].Block(bundle.Manifest.Window);
            if (input.Length > 0)
            {
                _encoded.Add(slot);
                _inputs.Add(input);
            }
        }
        if (_inputs.Count > 0)
        {
            whole.Encode(_inputs, _vectors.AsSpan(0, _inputs.Count * _dimension), added);
        }
    }

    // In rounds: the next event of each user that has one.
    private void Advance(ReadOnlySpan<ServedUser> users, IStepEncoder step, IAddedRows? added)
    {
        for (var slot = 0; slot < users.Length; slot++)
        {
            if (users[slot].BeginSteps(step, bundle.Manifest.Window) is { } first)
            {
                _next[_encoded.Count] = first;
                _encoded.Add(slot);
            }
        }
        for (var count = Gather(users); count > 0; count = Gather(users))
        {
            step.Step(_items.AsSpan(0, count), _states.AsSpan(0, count), _stepped.AsSpan(0, count * _dimension), added);
            for (var i = 0; i < count; i++)
            {
                _stepped.AsSpan(i * _dimension, _dimension).CopyTo(_vectors.AsSpan(_order[i] * _dimension));
            }
        }
        foreach (var slot in _encoded)
        {
            users[slot].EndSteps();
        }
    }

    private int Gather(ReadOnlySpan<ServedUser> users)
    {
        var count = 0;
        for (var place = 0; place < _encoded.Count; place++)
        {
            var user = users[_encoded[place]];
            var items = user.Items;
            var next = _next[place];
            while (next < items.Length && items[next] == 0)
            {
                next++;
            }
            if (next < items.Length)
            {
                _items[count] = items[next++];
                _states[count] = user.State;
                _order[count++] = place;
            }
            _next[place] = next;
        }
        return count;
    }
}
