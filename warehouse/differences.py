"""What verifying the evidence can find, in words (存证差异)."""

from dataclasses import dataclass, replace
from enum import StrEnum

from warehouse.batches import BatchRow
from warehouse.proofs import Sealed


class Fault(StrEnum):
    """What is not as it was sealed."""

    CHANGED_RECORD = "changed_record"
    MISSING_RECORD = "missing_record"
    EXTRA_RECORD = "extra_record"
    CHANGED_ROOT = "changed_root"
    CUT_CHAIN = "cut_chain"
    UNSEALED_LOAD = "unsealed_load"
    CHANGED_PACKAGE = "changed_package"
    CHANGED_NOTICE = "changed_notice"
    UNBOOKED_OBJECT = "unbooked_object"
    LOST_HEAD = "lost_head"


WORDS = {
    Fault.CHANGED_RECORD: ("记录内容或出处与存证不符", "the record is not what was sealed"),
    Fault.MISSING_RECORD: ("已存证的记录不见了", "a sealed record is gone"),
    Fault.EXTRA_RECORD: ("存在未经存证的记录", "a record that was never sealed"),
    Fault.CHANGED_ROOT: ("叶散列与默克尔根不符", "the leaves do not give the Merkle root"),
    Fault.CUT_CHAIN: ("存证链断开", "the chain does not join here"),
    Fault.UNSEALED_LOAD: ("入库事件没有存证", "a load event without its seal"),
    Fault.CHANGED_PACKAGE: ("原始数据包与接收时不符", "the package is not what was received"),
    Fault.CHANGED_NOTICE: ("反馈通知文件与发出时不符", "the file of a notice is not what was sent"),
    Fault.UNBOOKED_OBJECT: ("存证库中有数据库未登记的对象", "an object in the evidence store that no row books"),
    Fault.LOST_HEAD: ("库外保存的链值在存证链中找不到", "a chain value kept outside is not in the chain"),
}


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference, with its place. `dataset` is a dataset, or ~finding, ~held, ~load, ~quarantine."""

    fault: Fault
    message_zh: str
    message_en: str
    platform_code: str = ""
    batch_no: str = ""
    load_id: int | None = None
    dataset: str | None = None
    data_key: str | None = None
    version_no: int | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class VerifyResult:
    """What was verified and what differs. `head` is the chain value of the last load of all (hex)."""

    loads: int
    versions: int
    differences: tuple[Difference, ...]
    head: str

    @property
    def ok(self) -> bool:
        """Whether everything is as it was sealed."""
        return not self.differences


def difference(fault: Fault, load: Sealed | None = None, detail: str = "") -> Difference:
    """A difference of a load, or of none."""
    made = Difference(fault, *WORDS[fault], detail=detail)
    if load is None:
        return made
    return replace(made, platform_code=load.platform_code, batch_no=load.batch_no, load_id=load.load_id)


def batch_difference(fault: Fault, batch: BatchRow, detail: str = "") -> Difference:
    """A difference of a batch."""
    return replace(difference(fault, detail=detail), platform_code=batch.platform_code, batch_no=batch.batch_no)
