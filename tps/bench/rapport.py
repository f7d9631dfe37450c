"""The table of the measures, and the two rules they must keep."""

from dataclasses import dataclass

from procedures.champs.nombre import format_number
from tps.bench.charge import Measure

QUERIES_MAX = 30


@dataclass(frozen=True)
class Line:
    """One scenario, measured on the small procédure, then on the large one."""

    name: str
    small: Measure
    large: Measure

    @property
    def problems(self) -> list[str]:
        """Return the rules this scenario breaks, and the answers that were not those due."""
        problems = []
        if self.large.queries > QUERIES_MAX:
            problems.append(
                f"{self.name} : {self.large.queries} requêtes SQL, plus de {QUERIES_MAX}"
            )
        if self.large.queries > self.small.queries:
            problems.append(
                f"{self.name} : le nombre de requêtes SQL grandit avec les dossiers ou les champs, "
                f"de {self.small.queries} à {self.large.queries}"
            )
        for measure in (self.small, self.large):
            problems += [f"{self.name} : {problem}" for problem in measure.problems[:3]]
        return problems


def table_of(lines: list[Line], *, small: int, large: int | str) -> str:
    """Return the measures as text, a line for each scenario."""
    few = format_number(small)
    many = large if isinstance(large, str) else format_number(large)
    heading = (
        f"{'':28}{'nombre':>8}{'par s':>9}{'p50 ms':>9}{'p95 ms':>9}"
        f"{f'SQL à {few}':>16}{f'SQL à {many}':>16}"
    )
    rows = [
        f"{line.name:28}{len(line.large.answers):>8}{line.large.per_second:>9.1f}"
        f"{line.large.percentile_ms(50):>9.1f}{line.large.percentile_ms(95):>9.1f}"
        f"{line.small.queries:>16}{line.large.queries:>16}"
        for line in lines
    ]
    return "\n".join([heading, "-" * len(heading), *rows])
