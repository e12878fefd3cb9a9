"""The generator: chunks of records, project by project, in the order of the contract's fields.

Bounded memory: nothing but the parties and the current project is held. Deterministic: no clock, no `hash()`.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from contracts.loader import load_release
from contracts.model import DatasetContract, Release
from contracts.ordering import in_order
from exchange_hub.core.errors import UsageError
from exchange_hub.sample import awarding, bidding, codes, general, recordings, registration
from exchange_hub.sample.calendar import work_days
from exchange_hub.sample.chain import Project, Source, make_project, start_days
from exchange_hub.sample.options import SampleOptions, check_options
from exchange_hub.sample.parties import make_parties
from exchange_hub.sample.vocabulary import Record, Vocabulary, unknown_fields
from exchange_hub.sample.world import World, make_world

Maker = Callable[[World, Project], list[Record]]
Chunk = dict[str, list[Record]]  # dataset -> records of one project, DATA_KEY and DATA_TYPE included

# parents first; other datasets of the release are made from their contract, where they are asked for
MAKERS: dict[str, Maker] = {
    "PROJECT": registration.project,
    "TENDER_PROJECT": registration.tender_project,
    "SECTION": registration.section,
    "TENDER_ANN_QUA_INQUERY_ANN": registration.announcement,
    "TENDER_LIST": bidding.tender_list,
    "BIDDER_MARGIN_INFO": bidding.margin,
    "BID_EVALUATION_EXPERT": bidding.expert,
    "BID_OPENING_RECORD": bidding.opening,
    "EVALUATION_RESULT": bidding.evaluation,
    "TENDER_CANDIDATE_ANNOUNCE": awarding.candidates,
    "WIN_RESULT_ANNO": awarding.win_result,
    "CONTRACT_PERFORMANCE": awarding.contract,
    "RECORDING": recordings.recording,
}


@dataclass(frozen=True, slots=True)
class Line:
    """How the records of one dataset are made."""

    contract: DatasetContract
    make: Maker
    key_prefix: str

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns, in order: the two of the envelope, then the fields of the contract."""
        return ("DATA_KEY", "DATA_TYPE", *self.contract.field_names)


def release_of(options: SampleOptions) -> Release:
    """The contract release the sample is written to, after the options were checked.

    Raises:
        UsageError: an option is wrong, or names a release or a dataset that does not exist.
    """
    from contracts.loader import release_versions

    check_options(options)
    if options.contract_version not in release_versions():
        known = ", ".join(release_versions())
        raise UsageError(
            "UNKNOWN_RELEASE",
            f"没有规范版本 {options.contract_version}；现有 {known}",
            f"no contract release {options.contract_version}; there are {known}",
        )
    return load_release(options.contract_version)


def lines_of(options: SampleOptions, release: Release) -> dict[str, Line]:
    """The datasets a sample holds, in order, parents first.

    Raises:
        UsageError: a dataset is asked for that the generator or the release does not know.
    """
    for name in options.datasets:
        if name not in release.datasets:
            raise UsageError(
                "UNKNOWN_DATASET",
                f"没有数据集 {name}；可选 {', '.join(release.datasets)}",
                f"no dataset {name}; choose from {', '.join(release.datasets)}",
            )
    origin = codes.origin_of(options.platform, options.seed)
    chain = [name for name in MAKERS if name in release.datasets]
    others = in_order(release.datasets, {name for name in options.datasets if name not in chain})
    return {
        name: Line(
            contract=release.datasets[name],
            make=MAKERS[name] if name in chain else general.maker_of(release.datasets[name], release),
            key_prefix=codes.key_prefix(origin, _data_no(release, name)),
        )
        for name in (*chain, *others)
        if not options.datasets or name in options.datasets
    }


def _data_no(release: Release, name: str) -> str:
    """The dataset's number in the exchange; of those without one, 99 and a number that keeps their keys apart."""
    number = release.datasets[name].data_no
    if number or name in MAKERS:
        return number
    unnumbered = sorted(other for other, c in release.datasets.items() if not c.data_no and other not in MAKERS)
    return f"99{unnumbered.index(name) + 1:02d}"


def source_of(options: SampleOptions) -> Source:
    """What the projects of a sample are made from."""
    days = work_days(options.base_date)
    seed = f"{options.platform}:{options.seed}"
    return Source(
        seed=seed,
        origin=codes.origin_of(options.platform, options.seed),
        parties=make_parties(seed),
        work_days=days,
        start_days=start_days(options.base_date, days),
    )


def chunks(options: SampleOptions, release: Release, lines: dict[str, Line]) -> Iterator[Chunk]:
    """The clean records of a sample, one chunk a project; every record has all fields of its contract."""
    source = source_of(options)
    world = make_world(options, Vocabulary(release, options.base_date))
    counters = dict.fromkeys(lines, 0)
    for number in range(options.projects):
        project = make_project(source, number)
        yield {name: _records(world, project, line, counters) for name, line in lines.items()}


def _records(world: World, project: Project, line: Line, counters: dict[str, int]) -> list[Record]:
    records = line.make(world, project)
    name = line.contract.dataset
    first = counters[name]
    counters[name] = first + len(records)
    _fill(world, project, line.contract, records)
    for place, record in enumerate(records, start=first + 1):
        record["DATA_KEY"] = codes.record_key(line.key_prefix, place)
        record["DATA_TYPE"] = "1"
    return records


def _fill(world: World, project: Project, contract: DatasetContract, records: Sequence[Record]) -> None:
    """Give the fields that the maker does not know a plausible value."""
    if not records:
        return
    missing = unknown_fields(contract, frozenset(records[0]))
    for field in missing:
        value = world.words.filler(field)
        for record in records:
            record[field.name] = project.code if field.identifier == "project_code" else value(record)
