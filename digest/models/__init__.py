"""All rows of `digest`: sources, papers, deliveries, and what subscribers say back of papers."""

from digest.models.clock import MachineClock, ServiceClock
from digest.models.contents import DigestContents, DigestItem, Folio, Section, TopicReason
from digest.models.daily_figures import DailyFigure
from digest.models.deliveries import (
    EXPIRES_AFTER,
    Delivery,
    DeliveryQuerySet,
    Edition,
    SentBreakout,
)
from digest.models.events import DomainPause, MailTrace, ProviderEvent, Verdict
from digest.models.feedback import Feedback, SavedPaper
from digest.models.flights import EditionFlight, OperatorAlarm
from digest.models.high_water import CallCount, Installation, MailSender
from digest.models.management_tokens import ManagementToken
from digest.models.page_version import PageVersion
from digest.models.paper_words import PaperWords
from digest.models.papers import (
    TITLE_CHARS,
    Entry,
    Match,
    Merger,
    Paper,
    PaperAlias,
    PaperQuerySet,
    Snapshot,
)
from digest.models.providers import (
    DeliveryRun,
    DomainVolume,
    ProviderCall,
    ProviderPace,
    ProviderPause,
)
from digest.models.senses import TopicSense
from digest.models.sources import (
    FARTHEST_FETCH,
    URL_CHARS,
    HostTurn,
    Source,
    SourceDay,
    SourceQuerySet,
)
from digest.models.trend_parts import TrendParts
from digest.models.vectors import PaperVector, TopicVector
from digest.models.webhooks import Webhook, WebhookPost

__all__ = [
    "EXPIRES_AFTER",
    "FARTHEST_FETCH",
    "TITLE_CHARS",
    "URL_CHARS",
    "CallCount",
    "DailyFigure",
    "Delivery",
    "DeliveryQuerySet",
    "DeliveryRun",
    "DigestContents",
    "DigestItem",
    "DomainPause",
    "DomainVolume",
    "Edition",
    "EditionFlight",
    "Entry",
    "Feedback",
    "Folio",
    "HostTurn",
    "Installation",
    "MachineClock",
    "MailSender",
    "MailTrace",
    "ManagementToken",
    "Match",
    "Merger",
    "OperatorAlarm",
    "PageVersion",
    "Paper",
    "PaperAlias",
    "PaperQuerySet",
    "PaperVector",
    "PaperWords",
    "ProviderCall",
    "ProviderEvent",
    "ProviderPace",
    "ProviderPause",
    "SavedPaper",
    "Section",
    "SentBreakout",
    "ServiceClock",
    "Snapshot",
    "Source",
    "SourceDay",
    "SourceQuerySet",
    "TopicReason",
    "TopicSense",
    "TopicVector",
    "TrendParts",
    "Verdict",
    "Webhook",
    "WebhookPost",
]
