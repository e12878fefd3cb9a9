"""How often a dataset is exchanged and how late a record of it may come, from ODCS `slaProperties` (交换频率与时延)."""

from open_data_contract_standard.model import OpenDataContractStandard

from contracts.yamlfile import YamlFile

FREQUENCY, LATENCY = "frequency", "latency"
# ODCS writes days as d; hours and minutes are ours, for what is exchanged more often.
MINUTES = {"min": 1, "h": 60, "d": 24 * 60}


def minutes_of(file: YamlFile, contract: OpenDataContractStandard, name: str) -> int | None:
    """Minutes that a service level names; None where the contract says nothing about it.

    Raises:
        ConfigurationError: no positive number, or a unit other than min, h, d; names file and line.
    """
    for number, level in enumerate(contract.slaProperties or ()):
        if level.property != name:
            continue
        value, unit = level.value, MINUTES.get(level.unit or "")
        if unit is None or isinstance(value, bool) or not isinstance(value, (int, float)) or value <= 0:
            wanted = f"{name} 应为正数，单位为 min、h 或 d"
            file.wrong(("slaProperties", number), wanted, f"{name} must be a positive number of min, h or d")
        return round(value * unit)
    return None
