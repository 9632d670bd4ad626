namespace StreamRec.Testing.Oracles;

/// <summary>What the oracles found at the end of a run.</summary>
internal sealed record Verdict
{
    public int Users { get; set; }

    public long Events { get; set; }

    /// <summary>Events that the reference holds and the store does not.</summary>
    public long Lost { get; set; }

    /// <summary>Events that changed a state more often than once.</summary>
    public long Duplicated { get; set; }

    /// <summary>Lists that are not their state's.</summary>
    public long Stale { get; set; }

    /// <summary>Lists that are not what the model makes that they name.</summary>
    public long Mixed { get; set; }

    /// <summary>Records that are in neither a state nor the dead-letter topic.</summary>
    public long Dropped { get; set; }

    /// <summary>Everything that is wrong, in words; the first twenty.</summary>
    public List<string> Faults { get; } = [];

    public bool Holds => Faults.Count == 0;

    public void Fault(string oracle, string what)
    {
        if (Faults.Count < 20)
        {
            Faults.Add($"{oracle}: {what}");
        }
    }
}
