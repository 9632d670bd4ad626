using StreamRec.Numerics.Search.Directions;

namespace StreamRec.Numerics.Search.Index;

/// <summary>What bounds the scores of 1,536 items, which follow each other in norm order.</summary>
/// <param name="MaxNorm">The largest ‖v‖ of the block, without biases.</param>
/// <param name="MaxBias">The largest bias of this and all later blocks.</param>
/// <param name="MaxAugmentedNorm">The largest ‖v'‖, v' being the vector's coordinates
/// (<see cref="CodedSpace"/>).</param>
/// <param name="Scale">v̂ = Scale · p, p being the int8 vector; 0 where all of the block is zero.</param>
/// <param name="MaxError">The largest ‖v' − v̂‖.</param>
/// <param name="MaxRest">The largest coordinate for what lies along none of the directions; 0 where there are
/// none.</param>
internal readonly record struct ItemBlock(
    double MaxNorm,
    double MaxBias,
    double MaxAugmentedNorm,
    double Scale,
    double MaxError,
    double MaxRest
);
