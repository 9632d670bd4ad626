using System.Runtime.Intrinsics;
using StreamRec.Numerics.Matrices;

namespace StreamRec.Tests.Numerics;

public class ActivationKernelsTests
{
    [Fact]
    public void Exp_is_within_a_few_ulp_and_never_denormal()
    {
        for (float x = -87f; x <= 88f; x += 0.0137f)
        {
            double expected = Math.Exp(x);
            Assert.InRange(ActivationKernels.Exp(Vector512.Create(x))[0], expected * (1 - 4e-7), expected * (1 + 4e-7));
        }
        Assert.True(float.IsNormal(ActivationKernels.Exp(Vector512.Create(-1e30f))[0]));
        Assert.True(float.IsFinite(ActivationKernels.Exp(Vector512.Create(1e30f))[0]));
    }

    [Fact]
    public void Tanh_and_sigmoid_match_the_scalar_twin()
    {
        for (float x = -50f; x <= 50f; x += 0.0137f)
        {
            Assert.Equal(Math.Tanh(x), ActivationKernels.Tanh(Vector512.Create(x))[0], 4e-7);
            Assert.Equal(1 / (1 + Math.Exp(-x)), ActivationKernels.Sigmoid(Vector512.Create(x))[0], 2e-7);
        }
    }
}
