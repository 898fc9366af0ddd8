"""A subscriber's topics as rows of their page in the admin."""

from __future__ import annotations

import json
from typing import Any, ClassVar

from django.contrib.admin.widgets import AutocompleteSelect
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from unfold.admin import TabularInline

from subscribers.models import MAX_TOPICS, Interest, Topic


class TopicSelect(AutocompleteSelect):
    """Names the topics that are chosen without a question to the database for each."""

    known: ClassVar[dict[str, str]] = {}  # of the subscriber whose page it is, by id

    def optgroups(self, name: str, value: Any, attr: Any = None) -> Any:
        chosen = [str(one) for one in value if str(one) in self.known]
        if not chosen or len(chosen) < len(value):
            return super().optgroups(name, value, attr)
        options = [
            self.create_option(name, one, self.known[one], True, n) for n, one in enumerate(chosen)
        ]
        return [(None, options, 0)]


def word_adding(formset: Any) -> Any:
    """The rows with a button that says what it adds, where Django names the model."""
    said = json.loads(formset.inline_formset_data())
    said["options"]["addText"] = _("Add a topic")
    formset.inline_formset_data = json.dumps(said)
    return formset


class InterestInline(TabularInline):  # type: ignore[misc]
    model = Interest
    fields = ["topic", "mode"]
    autocomplete_fields = ["topic"]
    hide_title = True
    extra = 0
    max_num = MAX_TOPICS

    def get_queryset(self, request: HttpRequest) -> QuerySet[Interest]:
        rows: QuerySet[Interest] = super().get_queryset(request)
        return rows.select_related("topic", "subscriber")

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **options: Any) -> Any:
        if db_field.name == "topic":
            where = request.resolver_match.kwargs if request.resolver_match else {}
            own = Topic.objects.filter(interests__subscriber=where.get("object_id"))
            options["widget"] = TopicSelect(db_field, self.admin_site)
            options["widget"].known = {str(pk): said for pk, said in own.values_list("pk", "query")}
        return super().formfield_for_foreignkey(db_field, request, **options)
