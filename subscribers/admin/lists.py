"""Lists that stay quick with a million rows, and forms that refuse a wrong row in a sentence."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from django import forms
from django.contrib.admin import helpers
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import Count, IntegerField, Model, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.admin import ModelAdmin, TabularInline
from unfold.decorators import display
from unfold.forms import ActionForm
from unfold.views import ChangeList
from unfold.widgets import UnfoldBooleanWidget

from subscribers.templatetags.admin_headings import read_sidebar

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

MAX_SEARCH_CHARS = 100
TICK = gettext_lazy("Tick")
WHOLE_NAME_CHARS = 320  # of an address or a message id that is typed whole
# What a filter's address may ask of a column; a regex or a JSON path could break the query.
ALLOWED_LOOKUPS = {"exact", "isnull", "gte", "gt", "lte", "lt", "in"}

Column = TypeVar("Column", bound=Callable[..., Any])


def column(
    description: StrOrPromise, ordering: str | None = None, colors: Mapping[str, str] | None = None
) -> Callable[[Column], Column]:
    """Decorate a method as a column of a list or page; with `colors` it is shown as a label."""
    decorator: Callable[[Column], Column] = display(
        description=description, ordering=ordering, label=colors
    )
    return decorator


class BoundedPaginator(Paginator):  # type: ignore[type-arg]
    """Counts up to `limit`: nobody opens page 200, and counting a million rows takes a while."""

    limit = 10_000
    template_name = "admin/pagination_bounded.html"

    @cached_property
    def count(self) -> int:
        rows = self.object_list
        assert isinstance(rows, QuerySet)
        # By their ids alone: what is annotated would be worked out for every row that is counted.
        return rows.order_by().values("pk")[: self.limit].count()

    @property
    def is_cut(self) -> bool:
        return self.count == self.limit


class PagedChangeList(ChangeList):  # type: ignore[misc]
    """Works out `page_columns` for the rows of the page alone, when it is known which they are.

    Annotated, a database may work them out for every row that it sorts, and plan for that.
    """

    result_list: Any  # Django's

    def get_filters(self, request: HttpRequest) -> Any:
        """Django's, each headed by what it filters by."""
        found = super().get_filters(request)
        for spec in found[0]:
            title = self.model_admin.filter_titles.get(getattr(spec, "field_path", ""))
            spec.title = title or spec.title
        return found

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        columns = self.model_admin.list_page_columns()
        if not columns:
            return
        rows = {row.pk: row for row in self.result_list}
        found = self.model._base_manager.filter(pk__in=list(rows)).annotate(**columns)
        values = {one["pk"]: one for one in found.values("pk", *columns)}
        # Whoever was deleted in this moment is not shown.
        self.result_list = [row for pk, row in rows.items() if pk in values]
        for row in self.result_list:
            for name in columns:
                setattr(row, name, values[row.pk][name])

    @property
    def counted(self) -> str:
        """How many rows there are, in words."""
        return str(self.model_admin.count_in_words(self.result_count))


class LabelledActionForm(ActionForm):  # type: ignore[misc]
    """The select of bulk actions with a name, for those who do not see where it stands."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["action"].widget.attrs["aria-label"] = _("What to do with the ticked rows")


class NamedList(ModelAdmin):  # type: ignore[misc]
    """A list headed as in the sidebar, whose filters and ticks say what they are about."""

    action_form = LabelledActionForm
    # What the filters by columns are headed, by their columns: a question, or what is meant.
    filter_titles: ClassVar[dict[str, StrOrPromise]] = {}

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[PagedChangeList]:  # noqa: ARG002
        return PagedChangeList

    def list_page_columns(self) -> dict[str, Any]:
        """What its columns show beside the rows' own, as expressions by name."""
        return {}

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        address = reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")
        heading = read_sidebar().get(address) or self.opts.verbose_name_plural
        context = {"title": heading} | (extra_context or {})
        answer: HttpResponse = super().changelist_view(request, context)
        return answer

    def count_in_words(self, count: int) -> str:
        """The line below the list."""
        name = self.opts.verbose_name if count == 1 else self.opts.verbose_name_plural
        return f"{count:,} {name}"

    @column(TICK)
    def action_checkbox(self, obj: Model) -> SafeString:
        """As unfold's script looks for it, with words that say whose row it ticks."""
        attrs = {"class": "action-select", "aria-label": _("Tick %(row)s") % {"row": obj}}
        box = UnfoldBooleanWidget(attrs, lambda _value: False)
        return SafeString(box.render(helpers.ACTION_CHECKBOX_NAME, str(obj.pk)))


class ListAdmin(NamedList):
    """Defaults of all lists: a bounded count, 50 rows a page, the newest first."""

    paginator = BoundedPaginator
    show_full_result_count = False
    list_per_page = 50
    # With a bounded count nobody could know how many rows "all" would be.
    list_disable_select_all = True
    ordering: tuple[str, ...] = ("-pk",)
    sortable_by: list[str] | None = None
    list_filter_submit = False

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest | None = None) -> bool:
        """Refuse what the database could only answer with an error: a 400 in place of a 500."""
        ending = lookup.rpartition("__")[2]
        is_plain = "__" not in lookup or ending in ALLOWED_LOOKUPS
        has_null_character = any("\0" in str(part) for part in _list_parts(value))
        return (
            is_plain and not has_null_character and super().lookup_allowed(lookup, value, request)
        )

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        term = tidy_term(search_term)
        found: tuple[QuerySet[Any], bool] = super().get_search_results(request, queryset, term)
        return found


def tidy_term(typed: str, most: int = MAX_SEARCH_CHARS) -> str:
    """What was searched for, as a database takes it, and of a length that it looks up quickly."""
    return typed.replace("\0", "").strip()[:most]


def _list_parts(value: Any) -> list[Any]:
    return list(value) if isinstance(value, (list, tuple)) else [value]


class ReadOnly:
    """Rows that the pipeline writes and staff only look at."""

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:  # noqa: ARG002
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002
        return False


class ReferencedAdmin(ListAdmin):
    """Rows that many others refer to: Django would load and list each of them before deleting.

    Only one to which nothing refers may be deleted: `referring` names what does.
    """

    referring: ClassVar[str]

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        is_allowed: bool = super().has_delete_permission(request, obj)
        return is_allowed and obj is not None and not getattr(obj, self.referring).exists()


class ReadOnlyAdmin(ReadOnly, ListAdmin):
    pass


class ReadOnlyInline(ReadOnly, TabularInline):  # type: ignore[misc]
    extra = 0
    per_page = 20
    show_change_link = False


class SentenceForm(forms.ModelForm):  # type: ignore[type-arg]
    """Answers a broken constraint with its sentence in `sentences`, by the constraint's name."""

    sentences: ClassVar[dict[str, StrOrPromise]] = {}

    def add_error(self, field: str | None, error: Any) -> None:
        """Replace Django's message, which names the constraint, by the sentence for that name."""
        refusal = error if isinstance(error, ValidationError) else ValidationError(error)
        for one in _split_error(refusal):
            one.message = self._find_sentence(str(one.message))
        super().add_error(field, refusal)

    def _find_sentence(self, message: str) -> str:
        return next(
            (str(said) for name, said in self.sentences.items() if name in message), message
        )


def _split_error(error: ValidationError) -> list[ValidationError]:
    if hasattr(error, "error_dict"):
        return [one for errors in error.error_dict.values() for one in errors]
    return list(error.error_list)


def count_rows(rows: QuerySet[Any], column: str) -> Coalesce:
    """The number of `rows` whose `column` is the outer row, counted only for rows of the page."""
    counted = rows.order_by().values(column).annotate(count=Count("pk")).values("count")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)
