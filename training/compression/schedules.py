"""How much is pruned when: the course's two schedules."""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

Share = Annotated[float, Field(ge=0.0, le=1.0)]
Sparsity = Annotated[float, Field(ge=0.0, lt=1.0)]
"""Share of the weights that are 0; 1 would leave no network."""


class _Schedule(BaseModel):
    """When weights are pruned, in shares of the steps of the fine-tuning, so that it fits any number of them.

    Attributes:
        begin, end: the first and the last pruning.
        frequency: steps from one pruning to the next.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    begin: Share = Field(0.0, title="Begin", description="Share of the steps")
    end: Share = Field(0.7, title="End", description="Share of the steps; then the rest is fine-tuned")
    frequency: int = Field(20, ge=1, le=100_000, title="Frequency", description="Steps from one pruning to the next")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.begin > self.end:
            raise ValueError("pruning can't end before it begins")
        return self

    def bounds(self, steps: int) -> tuple[int, int]:
        """First and last step with a pruning, of so many steps counted from 0."""
        last = max(steps - 1, 0)
        return round(self.begin * last), round(self.end * last)

    def due(self, step: int, steps: int) -> bool:
        """Whether weights are pruned after this step. They always are at the end, so that the goal is reached."""
        first, last = self.bounds(steps)
        return first <= step <= last and ((step - first) % self.frequency == 0 or step == last)


class ConstantSparsity(_Schedule):
    """The whole goal from the first pruning on; weights that became large again meanwhile come back at the next."""

    kind: Literal["constant"] = "constant"
    final: Sparsity = Field(0.8, title="Sparsity", description="Share of the weights that become 0")

    def sparsity(self, step: int, steps: int) -> float:
        """The goal at a step, 0 to 1."""
        return self.final if step >= self.bounds(steps)[0] else 0.0


class PolynomialDecay(_Schedule):
    """s_t = s_f + (s_i - s_f) (1 - (t - t0) / (n Δt))^exponent: fast at first, slow when few are left (Zhu and Gupta 2017)."""

    kind: Literal["polynomial"] = "polynomial"
    initial: Sparsity = Field(0.0, title="Initial sparsity", description="Share of the weights that become 0 at once")
    final: Sparsity = Field(0.8, title="Final sparsity", description="Share of the weights that are 0 in the end")
    exponent: float = Field(3.0, gt=0.0, le=10.0, title="Exponent")

    def sparsity(self, step: int, steps: int) -> float:
        """The goal at a step, 0 to 1."""
        first, last = self.bounds(steps)
        if step < first:
            return 0.0
        done = min(1.0, (step - first) / (last - first)) if last > first else 1.0
        return self.final + (self.initial - self.final) * float((1.0 - done) ** self.exponent)


Schedule = Annotated[ConstantSparsity | PolynomialDecay, Field(discriminator="kind")]
