"""An award endpoint as an experienced team would write it: FastAPI, Pydantic, SQLAlchemy with asyncpg.

It checks the API key (hashed, cached for a few seconds), locks the participant's row, looks up the idempotency key
under that lock, adds to the ledger, evaluates the tier, and returns the same fields as Laurels. Each request is one
transaction.
"""

import hashlib
import os
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Header, HTTPException
from pydantic import BaseModel, Field
from sqlalchemy import JSON, BigInteger, DateTime, ForeignKey, Index, String, func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

KEY_CACHE_SECONDS = 5
TIERS = [("bronze", "Bronze", 1, 0), ("silver", "Silver", 2, 1_000), ("gold", "Gold", 3, 5_000)]
TIERS += [("platinum", "Platinum", 4, 10_000)]

url = os.environ["BASELINE_DATABASE_URL"].replace("postgresql://", "postgresql+asyncpg://")
engine = create_async_engine(url, pool_size=10, max_overflow=10)
sessions = async_sessionmaker(engine, expire_on_commit=False)


class Base(DeclarativeBase):
    pass


class ApiKey(Base):
    __tablename__ = "baseline_api_key"
    hash: Mapped[str] = mapped_column(String, primary_key=True)


class Tier(Base):
    __tablename__ = "baseline_tier"
    code: Mapped[str] = mapped_column(String, primary_key=True)
    name: Mapped[str]
    level: Mapped[int]
    min_points: Mapped[int] = mapped_column(BigInteger)


class Participant(Base):
    __tablename__ = "baseline_participant"
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    participant_id: Mapped[str] = mapped_column(String(255), unique=True)
    balance: Mapped[int] = mapped_column(BigInteger, default=0)
    total_earned: Mapped[int] = mapped_column(BigInteger, default=0)
    tier: Mapped[str | None] = mapped_column(ForeignKey("baseline_tier.code"), default=None)


class Transaction(Base):
    __tablename__ = "baseline_transaction"
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    participant: Mapped[int] = mapped_column(ForeignKey("baseline_participant.id"))
    amount: Mapped[int] = mapped_column(BigInteger)
    balance_after: Mapped[int] = mapped_column(BigInteger)
    reason: Mapped[str | None]
    details: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    __table_args__ = (Index("baseline_transaction_of", "participant", "created_at"),)


class UsedKey(Base):
    __tablename__ = "baseline_used_key"
    participant: Mapped[int] = mapped_column(ForeignKey("baseline_participant.id"), primary_key=True)
    key: Mapped[str] = mapped_column(String(255), primary_key=True)
    response: Mapped[dict[str, Any]] = mapped_column(JSON)


class AwardRequest(BaseModel):
    participant_id: str = Field(min_length=1, max_length=255)
    amount: int = Field(ge=1, le=1_000_000, strict=True)
    reason: str | None = Field(None, max_length=500)
    metadata: dict[str, Any] | None = None
    idempotency_key: str | None = Field(None, min_length=1, max_length=255)


class TierUpgrade(BaseModel):
    code: str
    name: str
    level: int
    previous_code: str | None
    previous_level: int | None


class AwardResponse(BaseModel):
    transaction_id: uuid.UUID
    participant_id: str
    amount: int
    new_balance: int
    tier_upgrade: TierUpgrade | None


@asynccontextmanager
async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
    async with engine.begin() as connection:
        await connection.execute(text("SELECT pg_advisory_xact_lock(1)"))
        await connection.run_sync(Base.metadata.create_all)
        await connection.execute(
            insert(Tier)
            .values([dict(zip(("code", "name", "level", "min_points"), tier, strict=True)) for tier in TIERS])
            .on_conflict_do_nothing()
        )
        await connection.execute(insert(ApiKey).values(hash=_hash(os.environ["BASELINE_KEY"])).on_conflict_do_nothing())
    async with sessions() as session:
        app.state.tiers = (await session.scalars(select(Tier).order_by(Tier.min_points))).all()
    yield
    await engine.dispose()


app = FastAPI(lifespan=lifespan)
_valid_keys: dict[str, float] = {}


async def session_of_request() -> AsyncIterator[AsyncSession]:
    async with sessions() as session, session.begin():
        yield session


Session = Annotated[AsyncSession, Depends(session_of_request, scope="function")]


async def require_key(session: Session, x_api_key: Annotated[str | None, Header()] = None) -> None:
    hashed = _hash(x_api_key or "")
    if _valid_keys.get(hashed, 0) > time.monotonic():
        return
    if await session.get(ApiKey, hashed) is None:
        raise HTTPException(401, "Invalid API key")
    _valid_keys[hashed] = time.monotonic() + KEY_CACHE_SECONDS


@app.get("/ready")
async def ready() -> dict[str, str]:
    return {"status": "ready"}


@app.post("/award", dependencies=[Depends(require_key)])
async def award(request: AwardRequest, session: Session) -> AwardResponse:
    participant = await _locked(session, request.participant_id)
    if request.idempotency_key is not None:
        used = await session.get(UsedKey, (participant.id, request.idempotency_key))
        if used is not None:
            return AwardResponse.model_validate(used.response)
    participant.balance += request.amount
    participant.total_earned += request.amount
    transaction = Transaction(
        id=uuid.uuid4(),
        participant=participant.id,
        amount=request.amount,
        balance_after=participant.balance,
        reason=request.reason,
        details=request.metadata,
        created_at=datetime.now(UTC),
    )
    session.add(transaction)
    response = AwardResponse(
        transaction_id=transaction.id,
        participant_id=request.participant_id,
        amount=request.amount,
        new_balance=participant.balance,
        tier_upgrade=_upgrade_tier(participant),
    )
    if request.idempotency_key is not None:
        session.add(
            UsedKey(participant=participant.id, key=request.idempotency_key, response=response.model_dump(mode="json"))
        )
    return response


async def _locked(session: AsyncSession, participant_id: str) -> Participant:
    locked = select(Participant).where(Participant.participant_id == participant_id).with_for_update()
    participant = await session.scalar(locked)
    if participant is None:
        await session.execute(
            insert(Participant)
            .values(participant_id=participant_id, balance=0, total_earned=0)
            .on_conflict_do_nothing()
        )
        participant = (await session.scalars(locked)).one()
    return participant


def _upgrade_tier(participant: Participant) -> TierUpgrade | None:
    tiers = {tier.code: tier for tier in app.state.tiers}
    reached = [tier for tier in app.state.tiers if tier.min_points <= participant.total_earned][-1]
    previous = tiers.get(participant.tier or "")
    if previous is not None and reached.level <= previous.level:
        return None
    participant.tier = reached.code
    if reached.min_points == 0:
        return None
    return TierUpgrade(
        code=reached.code,
        name=reached.name,
        level=reached.level,
        previous_code=previous.code if previous else None,
        previous_level=previous.level if previous else None,
    )


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
