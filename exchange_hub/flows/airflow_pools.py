"""Pools of the platforms: how many tasks of one run at the same time, so that a slow one leaves room for the others."""

from airflow.models.pool import Pool
from airflow.utils.session import create_session
from sqlalchemy.exc import IntegrityError

from exchange_hub.flows.airflow_common import AT_ONCE


def provide_pool(name: str) -> bool:
    """Make the pool of that name where there is none; what an operator has set is left as it is.

    Called within the scheduler's loop, hence in a session of its own.

    Returns:
        Whether it was made now.
    """
    try:
        with create_session(scoped=False) as session:
            if Pool.get_pool(name, session=session) is not None:
                return False
            about = "平台任务池 tasks of this platform at the same time; change the slots as you need"
            Pool.create_or_update_pool(name, AT_ONCE, about, include_deferred=False, session=session)
    except IntegrityError:  # another scheduler was quicker
        return False
    return True
