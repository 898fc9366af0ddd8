"""The promises as data: where each is kept, and the tests that prove it.

`text` stands in `path` and is the guard; with `instead` in its place the tests must fail.
`python -m tests.without_guards` tries it.
"""

from __future__ import annotations

from dataclasses import dataclass

PROMISES = {
    1: "One mail per subscriber and day, whatever crashes, repeats or races",
    2: "Nothing is lost: everyone due ends in a named state",
    3: "Nobody unconfirmed, unsubscribed or suppressed is mailed",
    4: "GET is safe",
    5: "A paper comes once to a subscriber",
    6: "One bad source hurts only itself, and an empty day is never silent",
    7: "No tracking",
    8: "An edition that goes wrong is held before it does harm",
    9: "A public page shows what is so now, holds nothing of one visitor, and all papers are found",
    10: "What one paper or topic costs does not grow with the number of all others",
    11: "A topic that is accepted can be found",
    12: "Nothing that a stranger does keeps anybody else out",
    13: "A digest holds what is on its topics, and what is merely close says so",
}


@dataclass(frozen=True)
class Guard:
    """One place where a promise is kept."""

    promise: int
    name: str
    path: str
    text: str
    instead: str
    tests: tuple[str, ...]


HAND_OVER = "tests/digest/deliver/test_hand_over.py"
CUTS_OFF = "test_a_process_that_is_told_to_end_cuts_off_what_hangs_and_gives_back_the_rest"
RUNS = "tests/digest/deliver/test_delivery_runs.py"
PACING = "tests/digest/deliver/provider/test_pacing.py"
DELIVER, PROVIDERS = (
    "tests/digest/deliver/test_stage.py",
    "tests/digest/deliver/provider/test_send.py",
)
SPELLINGS = "tests/subscribers/test_mailboxes.py"
CLAIMS = "tests/digest/deliver/test_claims.py"
MARKS = "tests/digest/deliver/test_call_marks.py"
COMPOSE, INGEST = "tests/digest/compose/test_stage.py", "tests/digest/ingest/test_stage.py"
STORE = "tests/digest/ingest/test_store.py"
JOURNALS = "tests/test_journals_campaign.py"
DUE = "tests/digest/compose/test_due.py"
MOMENTS = "tests/digest/watch/test_waiting_moments.py"
CLOCK = "tests/digest/watch/test_clock.py"
DOUBTS = "tests/digest/deliver/doubt/test_doubts.py"
KEPT = "tests/digest/deliver/test_kept_results.py"
ODD_ANSWERS = "tests/digest/deliver/doubt/test_odd_answers.py"
START = "tests/digest/deliver/after_restore/test_start_check.py"
UNSERVED = "tests/digest/deliver/test_unserved.py"
PROOF = "tests/digest/deliver/doubt/test_account_proof.py"
HOLD = "tests/digest/high_water/test_hold.py"
WAVE = "tests/digest/compose/test_breakouts.py"
FEEDBACK = "tests/digest/feedback/test_signed_views.py"
TRACK, OWN = "tests/digest/track", "tests/test_promises.py"
ADD_SOURCE = "tests/digest/management/commands/test_add_source.py"
IMPORT = "tests/digest/management/commands/test_import_subscribers.py"
LANGUAGE = "tests/subscribers/topics"
ACT_VIEWS = "tests/subscribers/admin/test_act_views.py"
PEOPLE = "tests/digest/admin/test_people.py"
LOGS = "tests/config/test_logging_setup.py"
FLIGHT = "tests/digest/flight/test_clearance.py"
MATCH, TOPICS = "tests/digest/match", "tests/subscribers/topics"
SHARED = "tests/digest/web/test_shared_pages.py"
ENDED_WORKER = (
    "tests/test_worker.py"
    "::test_all_processes_of_a_worker_hear_at_once_that_it_ends_and_what_stays_is_cut_off"
)
SHARE, READING = "tests/config/test_fair_share.py", "tests/digest/suggest/test_reading_limit.py"
BROWSERS = "tests/subscribers/web/test_known_browsers.py"
PASSKEYS = "tests/config/test_passkeys.py"
SIGN_IN, ENDED = "tests/config/test_sign_in.py", "tests/test_ended_links.py"
PAPER_CARD = "tests/digest/render/test_paper_card.py"

GUARDS = [
    Guard(
        1,
        "one delivery per edition and subscriber: a constraint",
        "digest/migrations/0001_initial.py",
        "        migrations.AddConstraint(\n            model_name='delivery',\n"
        "            constraint=models.UniqueConstraint(fields=('edition', 'subscriber'), "
        "name='delivery_is_once_per_edition'),\n        ),\n",
        "",
        (
            "tests/digest/models/test_deliveries.py::"
            "test_the_database_refuses_a_second_delivery_of_an_edition",
        ),
    ),
    Guard(
        1,
        "a row is claimed for one worker only",
        "digest/deliver/claims.py",
        'select_for_update(skip_locked=True, of=("self",))',
        "all()",
        (f"{CLAIMS}::test_a_row_that_another_worker_is_taking_is_left_to_it_without_waiting",),
    ),
    Guard(
        1,
        "a worker that lost its claim makes no call",
        "digest/deliver/call_marks.py",
        "(status || '' = %s AND claimed_at IN ({moments}))\"",
        "(status || '' = %s AND claimed_at IN ({moments}) OR TRUE)\"",
        (f"{MARKS}::test_a_worker_that_lost_its_claim_finds_out_before_the_call",),
    ),
    Guard(
        1,
        "what may have been sent is not sent again without a key",
        "digest/deliver/results.py",
        "if now - delivery.maybe_sent_at >= max(traits.key_lifetime, traits.call_lifetime):",
        "if False:",
        (f"{PROVIDERS}::TestKeys::test_without_a_key_it_is_in_doubt_and_never_called_again",),
    ),
    Guard(
        1,
        "a dead worker's calls are in doubt where the provider knows no key",
        "digest/deliver/claims.py",
        "left.filter(_is_own_key_known(now, traits))",
        "left",
        (f"{DELIVER}::test_where_the_provider_knows_no_keys_it_is_in_doubt_and_never_sent_again",),
    ),
    Guard(
        1,
        "whoever was taken for dead makes no call under a key any more",
        "digest/deliver/call_marks.py",
        "    return count == len(deliveries)",
        "    return True",
        (f"{RUNS}::test_whoever_was_taken_for_dead_makes_no_call_under_a_key_any_more",),
    ),
    Guard(
        1,
        "a call under a key that its rows do not name is not made",
        "digest/deliver/provider/send.py",
        "if self.traits.call_key and not on_call(hash_body(body), body, indexes):",
        "if self.traits.call_key and on_call(hash_body(body), body, indexes) is None:",
        (f"{PROVIDERS}::TestKeys::test_a_call_that_may_not_be_made_is_not",),
    ),
    Guard(
        1,
        "a key is trusted only as long as the provider keeps it",
        "digest/deliver/claims.py",
        "fresh.filter(_may_repeat(now, traits))",
        "fresh",
        (f"{PROVIDERS}::TestKeys::test_brevo_forgets_its_keys_and_then_nothing_is_sent_again",),
    ),
    Guard(
        1,
        "a key is trusted only with the provider that was given it",
        "digest/deliver/claims.py",
        "_is_key_known(now, traits.key_lifetime) & Q(provider=traits.name)",
        "_is_key_known(now, traits.key_lifetime)",
        (f"{PROVIDERS}::TestKeys::test_another_provider_never_sends_what_the_first_may_have_sent",),
    ),
    Guard(
        1,
        "a call marked in the future proves no key",
        "digest/deliver/claims.py",
        ", maybe_sent_at__lte=latest)",
        ")",
        (f"{MOMENTS}::test_a_mark_of_the_future_proves_no_key",),
    ),
    Guard(
        1,
        "a key is no younger where the clock was set",
        "digest/watch/waiting_moments.py",
        '("retry_at", "maybe_sent_at", "claimed_at")',
        '("retry_at", "claimed_at")',
        (f"{MOMENTS}::test_a_key_lives_as_long_as_the_provider_knows_it",),
    ),
    Guard(
        1,
        "a batch is made again only as it was, to the byte",
        "digest/deliver/provider/send.py",
        "hash_body(body) != key or ",
        "",
        (
            f"{PROVIDERS}::TestKeys"
            "::test_a_batch_that_would_be_another_one_is_in_doubt_and_never_called",
        ),
    ),
    Guard(
        1,
        "that an account does not have a mail is believed only of the one by which it left",
        "digest/deliver/doubt/doubt_look_ups.py",
        " if self._proof.is_seen(row.provider)]",
        "]",
        (f"{PROOF}::test_that_another_account_does_not_have_a_mail_is_not_believed",),
    ),
    Guard(
        1,
        "nor is its list, where that shows nothing of the other account",
        "digest/deliver/doubt/doubt_list.py",
        "return row.provider not in {self._run.traits.name, *self._reading.seen}",
        "return False",
        (f"{PROOF}::test_that_another_account_does_not_have_a_mail_is_not_believed",),
    ),
    Guard(
        1,
        "silence tells nothing where reports come without our key",
        "digest/deliver/doubt/doubts.py",
        ", has_key=True)",
        ")",
        (f"{DOUBTS}::test_silence_tells_only_where_reports_are_seen_to_come_with_our_key",),
    ),
    Guard(
        1,
        "a batch without one of its mails goes under the key of the whole",
        "digest/deliver/provider/send.py",
        '        call["headers"][self.traits.call_key] = key\n',
        "",
        (
            f"{PROVIDERS}::TestKeys"
            "::test_a_batch_of_which_one_must_go_is_asked_for_at_once_where_it_was_accepted",
        ),
    ),
    Guard(
        1,
        "a database older than what was mailed delivers nothing",
        "digest/deliver/after_restore/start_check.py",
        "    hold = find_hold()\n",
        "    hold = None\n",
        ("tests/test_restore_drill.py", f"{HOLD}::TestHeld::test_nothing_is_delivered"),
    ),
    Guard(
        1,
        "it composes nothing either",
        "digest/compose/stage.py",
        "if find_hold():",
        "if False:",
        (f"{HOLD}::TestHeld::test_nothing_is_composed",),
    ),
    Guard(
        1,
        "a call is counted with the rows that it is for",
        "digest/deliver/call_marks.py",
        "        count_call(now)",
        "        pass",
        (f"{HOLD}::TestCounting::test_each_call_to_the_provider_is_counted_before_it_is_made",),
    ),
    Guard(
        1,
        "a restored database is held though no mark of it is left",
        "digest/management/archive/read.py",
        "            _hold_what_comes(manifest, now)",
        "            pass",
        (
            "tests/digest/management/archive/test_read.py::TestRestoring"
            "::test_what_was_there_is_there_again_and_held",
        ),
    ),
    Guard(
        1,
        "a whole machine that came back is held by the provider's list",
        "digest/deliver/after_restore/start_check.py",
        "        if last := _find_newest_surprise(known.noted_at):",
        "        if last := None:",
        (
            "tests/digest/deliver/after_restore/test_start_check.py"
            "::test_a_mail_that_the_database_knows_nothing_of_holds_it",
        ),
    ),
    Guard(
        2,
        "an answer that comes while the database is away is kept",
        "digest/deliver/call_marks.py",
        "kept = kept or keep_results(deliveries)",
        "pass",
        (f"{KEPT}::test_answers_that_come_while_the_database_is_away_are_known_when_it_is_back",),
    ),
    Guard(
        2,
        "silences of runs with one call each are a pause together",
        "digest/deliver/provider/pause_watch.py",
        " or self._silent_together >= SILENT",
        "",
        (
            "tests/digest/deliver/provider/test_pause_watch.py"
            "::test_runs_of_one_call_each_learn_together_that_nobody_answers",
        ),
    ),
    Guard(
        2,
        "nothing expires that was perhaps sent since the backup",
        "digest/deliver/stage.py",
        "    if find_hold():",
        "    if False:",
        (f"{HOLD}::TestHeld::test_nothing_expires",),
    ),
    Guard(
        2,
        "the sweep takes back what a dead worker held",
        "digest/deliver/claims.py",
        "left.filter(maybe_sent_at=None).update(**untried)",
        "0",
        (f"{DELIVER}::test_where_no_call_had_begun_it_is_sent_whatever_the_provider",),
    ),
    Guard(
        2,
        "a worker that dies makes no mail wait longer, as a refusal does",
        "digest/deliver/claims.py",
        'Greatest(F("attempts") - 1, 0)',
        'F("attempts")',
        (f"{RUNS}::test_the_claims_of_the_dead_are_taken_back_and_those_of_the_living_are_not",),
    ),
    Guard(
        2,
        "a clock that is set moves the service not at all",
        "digest/watch/clock.py",
        "now = _note_step(state, now - expected, expected)",
        "pass",
        (
            f"{CLOCK}::test_what_is_planned_is_sent_and_not_expired_when_the_clock_goes_forward_a_day",
        ),
    ),
    Guard(
        2,
        "what is news stays so where a new time is taken over",
        "digest/watch/waiting_moments.py",
        'expires_at=Coalesce("expires_at", F("covers_until") + EXPIRES_AFTER) + step,',
        "",
        (f"{MOMENTS}::test_what_was_news_for_23_hours_is_so_for_one_more_and_not_for_two",),
    ),
    Guard(
        2,
        "over a thousandth of an edition in doubt for an hour is an alarm",
        "digest/deliver/stage.py",
        "    watch_doubts(now)\n",
        "",
        (
            "tests/digest/deliver/doubt/test_doubt_alarm.py"
            "::test_what_was_called_a_moment_ago_alarms_nobody_and_after_an_hour_it_does",
        ),
    ),
    Guard(
        2,
        "readers whose mail expired or failed break the promise that everybody is served",
        "digest/deliver/audit.py",
        "str(SERVED): _find_unserved(now),",
        'str(SERVED): "",',
        (f"{UNSERVED}::test_whoever_was_to_have_a_mail_and_has_none_breaks_the_promise",),
    ),
    Guard(
        2,
        "whoever left before their mail expired is no reader without it",
        "digest/deliver/unserved.py",
        ".exclude(had_to_go)",
        "",
        (f"{UNSERVED}::test_whoever_left_or_was_suppressed_before_it_expired_is_nobodys_fault",),
    ),
    Guard(
        2,
        "an edition that left many without their mail is an alarm",
        "digest/deliver/audit_alarm.py",
        "    watch_unserved(now)\n",
        "",
        (
            f"{UNSERVED}::test_it_is_looked_for_each_hour_though_the_audit_reads_all_rows_once_a_day",
        ),
    ),
    Guard(
        2,
        "what Amazon, or a proxy before it, answers without a name is judged by its status",
        "digest/deliver/provider/judge.py",
        "return HTTP_OUTCOMES.get(status, Outcome.REJECTED if is_refusal else Outcome.UNKNOWN)",
        "return Outcome.REJECTED if is_refusal else Outcome.UNKNOWN",
        (
            "tests/digest/deliver/provider/test_judge.py::test_amazons_errors_are_known_by_their_names",
        ),
    ),
    Guard(
        2,
        "a database that goes away while mails are set costs nobody a mail",
        "digest/render/stage.py",
        "            raise\n",
        "            return None\n",
        (
            "tests/digest/deliver/test_stage.py"
            "::test_a_database_that_goes_away_while_mails_are_set_costs_nobody_a_mail",
        ),
    ),
    Guard(
        2,
        "of many runs one alone finds out whether a provider's pause is over",
        "digest/deliver/provider/pause.py",
        "filter(pk=pause.pk, until=pause.until).update(",
        "filter(pk=pause.pk).update(",
        ("tests/digest/deliver/provider/test_pause.py::test_one_run_alone_takes_the_trial",),
    ),
    Guard(
        1,
        "a digest sent under an earlier address is known for one after a restore",
        "digest/deliver/after_restore/start_check.py",
        "        note_sender(read_present_sender())\n",
        "",
        (f"{START}::test_a_digest_sent_under_an_earlier_address_is_still_known_for_one",),
    ),
    Guard(
        1,
        "mails to readers from an address that nobody knows are asked about before anything leaves",
        "digest/deliver/after_restore/reconcile.py",
        "    if unknown:\n",
        "    if False:\n",
        (
            "tests/digest/management/commands/test_reconcile.py::"
            "test_mails_from_an_address_that_nobody_knows_are_asked_about_before_anything_leaves",
        ),
    ),
    Guard(
        1,
        "a provider's list that is none is no answer that it has nothing",
        "digest/deliver/provider/message_search.py",
        '        raise TypeError(f"{name} is no list.")\n',
        "        return []\n",
        (f"{ODD_ANSWERS}::test_json_of_another_shape_is_no_no",),
    ),
    Guard(
        1,
        "a search that shows other messages than were asked for tells nothing",
        "digest/deliver/provider/message_search.py",
        "    if search.is_by_key and",
        "    if False and",
        (f"{ODD_ANSWERS}::test_json_of_another_shape_is_no_no",),
    ),
    Guard(
        1,
        "a provider's list that is in no order of times does not end with an old mail",
        "digest/deliver/provider/message_list.py",
        "later.accepted_at - one.accepted_at > CLOCKS_DIFFER",
        "False",
        (f"{ODD_ANSWERS}::test_json_of_another_shape_is_no_no",),
    ),
    Guard(
        1,
        "a paced call is prepared before its moment, and leaves at it",
        "subscribers/limits/call_limit.py",
        "        self._leaves_at, self.late_by = moment, 0.0\n",
        "        time.sleep(max(0.0, moment - time.monotonic()))\n",
        (
            "tests/digest/deliver/provider/test_pacing.py"
            "::test_a_paced_call_is_prepared_first_and_leaves_at_its_own_moment",
        ),
    ),
    Guard(
        2,
        "calls that follow one which left late keep their distance from it",
        "digest/deliver/hand_over.py",
        "put_off_turns(self._traits.name, self._pace, len(calls.deliveries), calls.late_by)",
        "pass",
        ("tests/digest/deliver/provider/test_pacing.py::test_a_run_says_how_late_its_calls_left",),
    ),
    Guard(
        2,
        "a refusal that comes with a pause gives the claim back",
        "digest/deliver/call_marks.py",
        'update(status=Status.PLANNED, attempts=F("attempts") - 1)',
        "update(call='x')",
        (f"{HAND_OVER}::{CUTS_OFF}",),
    ),
    Guard(
        1,
        "the claims of a run that lives are left to it",
        "digest/deliver/claims.py",
        "Q(claimed_by__isnull=False) & ~living",
        "Q(claimed_by__isnull=False)",
        (f"{RUNS}::test_the_claims_of_the_dead_are_taken_back_and_those_of_the_living_are_not",),
    ),
    Guard(
        2,
        "the claims of a run that died are taken back by the next one",
        "digest/deliver/stage.py",
        "    release_dead(now, traits)\n",
        "",
        (f"{RUNS}::test_the_next_run_takes_over_at_once_without_waiting_for_a_sweep",),
    ),
    Guard(
        2,
        "what left is written down though the database fails in between",
        "digest/deliver/hand_over.py",
        "        while self._pool.under_way:\n",
        "        while False:\n",
        (f"{HAND_OVER}::test_what_left_is_marked_though_the_database_fails_in_between",),
    ),
    Guard(
        2,
        "one batch without an answer is one silence",
        "digest/deliver/provider/pause_watch.py",
        "            self._note_silence(outcomes == {Outcome.UNKNOWN}, now)\n",
        "            for result in results:\n"
        "                self._note_silence(result.outcome is Outcome.UNKNOWN, now)\n",
        (
            "tests/digest/deliver/provider/test_pause_watch.py::"
            "test_a_batch_without_an_answer_is_one_silence",
        ),
    ),
    Guard(
        2,
        "a provider is never called faster than it allows",
        "digest/deliver/provider/pacing.py",
        "    if not seconds:\n        return 0.0\n",
        "    return 0.0\n",
        (f"{PACING}::test_a_run_waits_for_its_turn_between_two_calls",),
    ),
    Guard(
        2,
        "of two beats one calls",
        "config/single_beat.py",
        "if is_first else TRY_SECONDS",
        "if True else TRY_SECONDS",
        ("tests/config/test_single_beat.py::test_only_the_holder_calls",),
    ),
    Guard(
        1,
        "that the mails of one account are reported tells nothing of another's",
        "digest/deliver/doubt/doubts.py",
        "place = (delivery.provider, hour)",
        'place = ("", hour)',
        (
            "tests/digest/deliver/doubt/test_doubts.py"
            "::test_the_reports_of_one_account_say_nothing_of_another_in_the_same_hour",
        ),
    ),
    Guard(
        2,
        "the bytes of a call and its rows are written down together",
        "digest/deliver/provider/provider_calls.py",
        "with transaction.atomic():",
        "if True:",
        (
            "tests/digest/deliver/provider/test_provider_calls.py"
            "::test_a_sweep_between_its_bytes_and_its_rows_drops_nothing_of_it",
        ),
    ),
    Guard(
        2,
        "a worker that is told to end is out in limited time",
        "config/worker_end.py",
        "            _start_timer(worker)\n",
        "            pass\n",
        (ENDED_WORKER,),
    ),
    Guard(
        1,
        "no call is repeated whose key may be forgotten when its turn comes",
        "digest/deliver/call_marks.py",
        "(maybe_sent_at IS NULL OR maybe_sent_at > %s)",
        "(maybe_sent_at IS NULL OR maybe_sent_at > %s OR TRUE)",
        (f"{MARKS}::test_no_call_is_repeated_once_its_key_may_be_forgotten",),
    ),
    Guard(
        1,
        "another stream is another account, where no mail of the old one is missed",
        "digest/deliver/provider/traits.py",
        '*("REQUESTS_TIMEOUT", "DEBUG_API_REQUESTS"',
        '*("SEND_DEFAULTS", "REQUESTS_TIMEOUT", "DEBUG_API_REQUESTS"',
        ("tests/digest/deliver/provider/test_traits.py::test_another_stream_is_another_account",),
    ),
    Guard(
        2,
        "where a provider refuses to be asked, the silence of its reports tells",
        "digest/deliver/doubt/doubt_list.py",
        "                self._run.settle_by_reports(rows)",
        "                pass",
        (
            "tests/digest/deliver/doubt/test_doubt_list.py::"
            "test_where_the_list_is_refused_the_silence_of_reports_tells",
        ),
    ),
    Guard(
        2,
        "what the provider never had is mailed again",
        "digest/deliver/doubt/doubts.py",
        "            self.done.update(mail_again(unchanged, self.now))",
        "            pass",
        (f"{DOUBTS}::test_what_the_provider_has_is_sent_and_what_it_has_not_is_mailed_again",),
    ),
    Guard(
        1,
        "a provider's no is not believed at once",
        "digest/deliver/doubt/doubts.py",
        " if self.now - read_last_call(row) >= believed_after",
        "",
        (f"{DOUBTS}::test_what_the_provider_has_is_sent_and_what_it_has_not_is_mailed_again",),
    ),
    Guard(
        1,
        "what a provider's list has by another subject is not mailed again",
        "digest/deliver/doubt/doubt_list.py",
        "if row not in unclear)",
        "if True)",
        (f"{DOUBTS}::test_a_title_corrected_since_is_no_proof_that_it_was_not_sent",),
    ),
    Guard(
        1,
        "what the next digest has is not mailed again",
        "digest/deliver/doubt/doubts.py",
        " or _came_later(d)",
        "",
        (f"{DOUBTS}::test_what_is_no_longer_news_or_came_in_the_next_digest_is_not_mailed_again",),
    ),
    Guard(
        2,
        "who follows a topic that no paper was compared with yet stays due",
        "digest/compose/stage.py",
        "[subscriber for subscriber in locked if subscriber.pk not in waiting]",
        "locked",
        (f"{DUE}::test_who_stays_due_holds_nobody_up",),
    ),
    Guard(
        2,
        "a chunk in which all stay due is not the last",
        "digest/compose/stage.py",
        "        return 0\n",
        "        return None\n",
        (f"{DUE}::test_who_stays_due_holds_nobody_up",),
    ),
    Guard(
        2,
        "each chunk begins behind the one before",
        "digest/compose/due.py",
        "        if self._last is None:\n",
        "        if True:\n",
        (f"{DUE}::test_who_was_passed_is_not_looked_at_again",),
    ),
    Guard(
        2,
        "a topic's list that is cut goes on for whoever had its beginning",
        "digest/compose/topic_news.py",
        "if len(best) == wanted or count <= len(orders):",
        "if True:",
        (
            f"{COMPOSE}::test_more_papers_excluded_than_a_list_is_cut_to_still_fill_the_digest",
            "tests/digest/compose/test_topic_news.py::test_the_best_that_are_not_excluded",
        ),
    ),
    Guard(
        2,
        "deliveries and the next date are written in one transaction",
        "digest/compose/stage.py",
        "@transaction.atomic\ndef _compose_chunk",
        "def _compose_chunk",
        (f"{OWN}::test_2_a_crash_while_composing_leaves_everybody_due",),
    ),
    Guard(
        2,
        "a report older than the latest confirmation takes nobody's mail",
        "digest/track/suppress.py",
        "return mail.mailed_at < wished_at and row.happened_at < wished_at",
        "return False",
        (
            f"{TRACK}/test_suppress.py::TestTheNewestWish"
            "::test_a_report_older_than_the_latest_confirmation_undoes_nothing",
        ),
    ),
    Guard(
        2,
        "a domain that blocks us costs none of its people their mail",
        "digest/track/suppress.py",
        "row.verdict == Verdict.BLOCKED and _blame_domain(row, now)",
        "False",
        (f"{TRACK}/test_domain_pauses.py::test_a_burst_pauses_its_domain_and_wakes_somebody",),
    ),
    Guard(
        3,
        "a hard bounce and a complaint suppress at once",
        "digest/track/suppress.py",
        "if row.verdict in (Verdict.HARD, Verdict.COMPLAINT):",
        "if False:",
        (f"{TRACK}/test_suppress.py::TestAtOnce::test_a_hard_bounce_and_a_complaint_suppress",),
    ),
    Guard(
        3,
        "a complaint counts though its reader was deleted since",
        "digest/apps.py",
        'deletion_begins.connect(traces.on_deletion, dispatch_uid="digest.trace")',
        "pass",
        (f"{TRACK}/test_traces.py::test_it_suppresses_the_mailbox_that_the_mail_went_to",),
    ),
    Guard(
        3,
        "a complaint counts though its reader has moved since",
        "subscribers/account/address.py",
        "address_left.send(Subscriber, subscriber_id=subscriber.pk, email=subscriber.email)",
        "pass",
        (f"{TRACK}/test_traces.py::test_after_moving_there_and_back_both_mailboxes_can_complain",),
    ),
    Guard(
        3,
        "a report sees the newest wish, or the wish waits for it",
        "digest/track/stage.py",
        "find_under_lock(lambda: find_mail(report))",
        "find_mail(report)",
        (
            f"{TRACK}/test_races.py::test_a_wish_that_is_being_made_is_newer_than_the_complaint",
            f"{TRACK}/test_races.py::test_a_report_on_somebody_who_is_being_deleted_is_no_error",
        ),
    ),
    Guard(
        3,
        "a report that could not be written down is no duplicate",
        "digest/track/event_rows.py",
        "            return None\n        raise\n",
        "            return None\n        return None\n",
        (
            f"{TRACK}/test_event_rows.py"
            "::test_a_row_that_the_database_refuses_for_another_reason_is_no_duplicate",
        ),
    ),
    Guard(
        3,
        "the gate inside the claim",
        "digest/deliver/claims.py",
        "filter(pk__in=_find_mailable(taken))",
        "all()",
        (f"{CLAIMS}::test_the_claim_itself_takes_nobody_who_may_not_be_mailed",),
    ),
    Guard(
        3,
        "the gate just before the call",
        "digest/deliver/call_marks.py",
        'subscribers_subscriber.id IN ({subscribers})))"',
        'subscribers_subscriber.id IN ({subscribers})) OR TRUE)"',
        (f"{MARKS}::test_whoever_leaves_between_the_claim_and_the_call_gets_no_mail",),
    ),
    Guard(
        3,
        "only the active are mailable",
        "subscribers/models/subscribers.py",
        "return self.reachable().active()",
        "return self.reachable()",
        (f"{CLAIMS}::test_the_claim_itself_takes_nobody_who_may_not_be_mailed",),
    ),
    Guard(
        3,
        "the suppressed are not reachable",
        "subscribers/models/subscribers.py",
        "self.exclude(is_suppressed())",
        "self.all()",
        (f"{CLAIMS}::test_the_claim_itself_takes_nobody_who_may_not_be_mailed",),
    ),
    Guard(
        3,
        "a suppression is of every spelling of its mailbox",
        "subscribers/mailboxes.py",
        "return _hash_text(fold_address(email))",
        "return _hash_text(email)",
        (f"{SPELLINGS}::test_a_suppression_is_of_the_mailbox_and_not_of_a_spelling",),
    ),
    Guard(
        3,
        "a made-up tag that bounces silences nobody else",
        "subscribers/mailboxes.py",
        'whole if takes_any_tag else f"{local}@{domain}"',
        "whole",
        (f"{SPELLINGS}::test_a_tag_that_a_stranger_made_up_and_that_bounces_silences_nobody_else",),
    ),
    Guard(
        4,
        "only POST acts",
        "subscribers/web/views.py",
        ' if request.method == "POST" else ("", "")',
        "",
        (
            "tests/test_pages.py::test_no_page_writes_when_it_is_only_looked_at",
            f"{OWN}::test_4_a_scanner_that_follows_every_link_of_a_mail_changes_nothing",
        ),
    ),
    Guard(
        4,
        "only POST gives feedback",
        "digest/feedback/views.py",
        'if request.method == "POST":\n        if "undo" in request.POST:\n            done = ',
        'if True:\n        if "undo" in request.POST:\n            done = ',
        (f"{FEEDBACK}::TestWhoeverOnlyLooks::test_changes_nothing_and_leaves_no_trace",),
    ),
    Guard(
        5,
        "what was sent before is left out",
        "digest/compose/select.py",
        "found, muted | sent, NEARLY)",
        "found, muted, NEARLY)",
        (f"{COMPOSE}::test_a_paper_comes_once_though_another_source_brings_it_again",),
    ),
    Guard(
        5,
        "what came as near by itself before a long pause counts as sent",
        "digest/compose/select.py",
        "    if profile.since is None:\n        return news.since\n",
        "",
        (
            "tests/digest/compose/test_near_papers.py::"
            "test_after_a_long_pause_what_came_as_near_by_itself_comes_no_second_time",
        ),
    ),
    Guard(
        5,
        "what is about to be sent counts as sent",
        "digest/models/deliveries.py",
        "Delivery.Status.SENT, Delivery.Status.PLANNED, Delivery.Status.CLAIMED",
        "Delivery.Status.SENT",
        (f"{COMPOSE}::test_papers_of_a_mail_that_may_have_left_do_not_come_again",),
    ),
    Guard(
        5,
        "what may have been sent comes marked",
        "digest/compose/contents.py",
        "perhaps_seen=choice.perhaps_seen,",
        "",
        (f"{DOUBTS}::test_papers_of_a_digest_in_doubt_come_in_the_next_one_marked",),
    ),
    Guard(
        5,
        "what was sent under another name counts as sent",
        "digest/compose/sent_papers.py",
        "papers.update([merged[pk] for pk in papers if pk in merged])",
        "pass",
        (
            "tests/digest/ingest/test_merge.py"
            "::test_what_was_sent_under_one_name_does_not_come_under_the_other",
        ),
    ),
    Guard(
        5,
        "a breakout comes once: a constraint",
        "digest/migrations/0001_initial.py",
        "        migrations.AddConstraint(\n            model_name='sentbreakout',\n"
        "            constraint=models.UniqueConstraint(fields=('subscriber', 'paper'), "
        "name='breakout_is_sent_once'),\n        ),\n",
        "",
        (f"{WAVE}::test_it_comes_once_more_and_never_a_third_time",),
    ),
    Guard(
        5,
        "who had the breakout of a paper is passed over",
        "digest/compose/breakouts.py",
        "self._earlier.pop(pair, None)",
        "pass",
        (f"{WAVE}::test_it_comes_once_more_and_never_a_third_time",),
    ),
    Guard(
        5,
        "a replacement is never news",
        "digest/ingest/store.py",
        "    if entry.is_replacement:\n        return False\n",
        "",
        (f"{OWN}::test_5_a_replacement_makes_no_news",),
    ),
    Guard(
        5,
        "a name that a paper ever had finds it",
        "digest/ingest/store.py",
        "        pending.aliases[paper.identifier] = paper\n",
        "",
        (f"{STORE}::test_what_was_once_a_papers_name_finds_it_ever_after",),
    ),
    Guard(
        5,
        "versions of a preprint are one paper",
        "digest/identifiers/dois.py",
        "return drop_version(_find_written_doi(text))",
        "return _find_written_doi(text)",
        ("tests/digest/identifiers/test_preprint_servers.py", JOURNALS),
    ),
    Guard(
        5,
        "a listing is known again by the date that its own source gave it",
        "digest/ingest/evidence.py",
        "abs(entry.published_at - listed_at) < SAME_DAY",
        "abs(entry.published_at - paper.published_at) < SAME_DAY",
        (
            f"{STORE}::test_a_preprint_whose_journal_changes_its_links_each_time_stays_one_paper",
            JOURNALS,
        ),
    ),
    Guard(
        5,
        "links that change at each fetch name one paper",
        "digest/ingest/store.py",
        "    _note_earlier_listing(entry, folded_title, index, pending)\n",
        "",
        (
            f"{STORE}::test_links_that_change_at_each_fetch_name_one_paper_with_one_entry",
            JOURNALS,
        ),
    ),
    Guard(
        2,
        "two publishers' headlines are two papers",
        "digest/ingest/evidence.py",
        "    return likeness is not None and likeness > ALIKE",
        "    return likeness is None or likeness > ALIKE",
        ("tests/digest/ingest/test_evidence.py::test_titles_alone_prove_nothing",),
    ),
    Guard(
        2,
        "an entry is news when its source first shows it, whatever its date",
        "digest/ingest/fill_in.py",
        "if self.is_first and mentioned",
        "if mentioned",
        (
            f"{STORE}::test_an_entry_is_news_when_its_source_first_shows_it_whatever_date_it_bears",
            JOURNALS,
        ),
    ),
    Guard(
        6,
        "an entry that cannot be read loses itself alone",
        "digest/ingest/sources/feed.py",
        "    except Exception:\n        log.warning",
        "    except ZeroDivisionError:\n        log.warning",
        ("tests/digest/ingest/sources/test_feed.py::test_a_broken_entry_loses_itself_alone",),
    ),
    Guard(
        6,
        "a feed of which most never becomes news says so",
        "digest/ingest/poll.py",
        "    poll.silence = _describe_silence(source, now)\n",
        "",
        (f"{INGEST}::test_a_feed_of_which_most_never_becomes_news_says_so",),
    ),
    Guard(
        6,
        "a failure ends with its source",
        "digest/ingest/stage.py",
        "    except Exception as error:  # one bad source hurts only itself\n",
        "    except ZeroDivisionError as error:\n",
        (f"{INGEST}::test_a_fault_of_our_own_hurts_only_its_source_and_is_logged",),
    ),
    Guard(
        6,
        "a quiet delivery has its reason: a constraint",
        "digest/migrations/0001_initial.py",
        "        migrations.AddConstraint(\n            model_name='delivery',\n"
        "            constraint=models.CheckConstraint("
        "condition=models.Q(models.Q(('status', 'quiet'), models.Q(('quiet_reason', ''), "
        "_negated=True)), models.Q(models.Q(('status', 'quiet'), "
        "_negated=True), ('quiet_reason', '')), _connector='OR'), "
        "name='delivery_quiet_has_a_reason'),\n        ),\n",
        "",
        (f"{OWN}::test_6_a_quiet_day_without_a_reason_cannot_be_saved",),
    ),
    Guard(
        7,
        "the mail loads nothing, and its links go where they say",
        "templates/emails/digest/body.mjml",
        "{{ thanks }}",
        '{{ thanks }}<img src="https://example.org/open.gif" alt="" width="1" height="1">',
        (f"{OWN}::test_7_a_mail_holds_no_pixel_and_no_redirected_link",),
    ),
    Guard(
        7,
        "the provider is told to add none",
        "config/provider_settings.py",
        '"track_opens": False, "track_clicks": False',
        "",
        (f"{OWN}::test_7_the_provider_is_told_to_track_nobody",),
    ),
    Guard(
        7,
        "opens and clicks that are reported all the same leave no trace",
        "digest/track/event_rows.py",
        "    EventType.OPENED,\n    EventType.CLICKED,\n",
        "",
        (f"{TRACK}/test_event_rows.py::test_of_what_readers_do_with_a_mail_no_row_is_kept",),
    ),
    Guard(
        7,
        "no line of the log holds an address",
        "config/logging_setup.py",
        "return hide_private(super().format(record))",
        "return super().format(record)",
        (
            f"{LOGS}::test_a_recipient_who_is_refused_is_named_by_the_delivery",
            f"{LOGS}::test_an_address_is_hidden_wherever_a_line_has_it",
        ),
    ),
    Guard(
        7,
        "no object of the log holds an address",
        "config/logging_setup.py",
        "hidden = hide_private_within(log_data)",
        "hidden = log_data",
        (
            f"{LOGS}::test_a_sign_up_whose_mailbox_is_refused_names_no_address",
            f"{LOGS}::test_an_address_is_hidden_wherever_a_line_has_it",
        ),
    ),
    Guard(
        7,
        "the log of requests holds no query",
        "gunicorn.conf.py",
        "%(m)s %(U)s %(s)s",
        "%(m)s %(U)s?%(q)s %(s)s",
        (
            "tests/config/test_request_metrics.py::"
            "test_all_workers_requests_are_counted_and_no_visitor_sees_it",
        ),
    ),
    Guard(
        7,
        "nor does what Django says of a request",
        "config/logging_setup.py",
        'log_data.pop("request", None)',
        "pass",
        (
            "tests/config/test_request_metrics.py::"
            "test_all_workers_requests_are_counted_and_no_visitor_sees_it",
        ),
    ),
    Guard(
        8,
        "nothing beyond the canary leaves before it was watched",
        "digest/flight/clearance.py",
        "single.update(flight.canary)",
        "editions.add(pk)",
        (f"{FLIGHT}::test_nothing_beyond_the_canary_leaves_before_it_was_watched",),
    ),
    Guard(
        8,
        "workers choose one canary together",
        "digest/flight/states.py",
        'rows = rows.select_for_update(of=("self",), skip_locked=True)',
        "pass",
        (
            "tests/digest/flight/test_states.py::"
            "test_while_another_worker_chooses_the_canary_nobody_else_does",
        ),
    ),
    Guard(
        8,
        "before the others follow, the breaker looks at the canary",
        "digest/flight/clearance.py",
        "    if trip := breaker.find_trip(flight, now):\n        hold_edition(flight, *trip, now)\n"
        "    else:\n        end_canary(flight, now)\n",
        "    end_canary(flight, now)\n",
        (f"{FLIGHT}::test_a_canary_whose_bounces_come_in_its_last_second_is_held",),
    ),
    Guard(
        8,
        "the breaker looks during the flight",
        "digest/flight/clearance.py",
        "elif _take_look(flight, now) and (trip := breaker.find_trip(flight, now)):",
        "elif False and (trip := breaker.find_trip(flight, now)):",
        (f"{FLIGHT}::test_the_breaker_ends_a_flight_too",),
    ),
    Guard(
        8,
        "a held edition sends nothing, a first digest neither",
        "digest/flight/clearance.py",
        "            held.add(pk)\n",
        "            editions.add(pk)\n",
        (f"{FLIGHT}::test_a_held_edition_sends_nothing_not_even_a_first_digest",),
    ),
    Guard(
        8,
        "what was claimed before the hold is given back",
        "digest/deliver/hand_over.py",
        "        if not self._leave_held_out(calls):\n            return\n",
        "",
        (f"{FLIGHT}::test_what_was_claimed_before_the_hold_is_given_back",),
    ),
    Guard(
        8,
        "an edition is checked before any of its mails leaves",
        "digest/flight/clearance.py",
        "if is_ours and (faults := preflight.find_faults(flight.edition, now)):",
        "if False and (faults := preflight.find_faults(flight.edition, now)):",
        (f"{FLIGHT}::test_an_edition_with_a_fault_is_held_before_any_mail_leaves",),
    ),
    Guard(
        8,
        "a release is asked for by a POST of somebody who may",
        "digest/admin/flights.py",
        "    if not request.user.has_perm(PERMISSION):\n        raise PermissionDenied\n",
        "",
        ("tests/digest/admin/test_flights.py::test_whoever_may_only_look_cannot_release_it",),
    ),
    Guard(
        8,
        "a refused account alarms",
        "digest/deliver/provider/pause_watch.py",
        "raise_alarm(ACCOUNT_REFUSED, said, now)",
        "pass",
        (
            "tests/digest/watch/test_alarms.py::"
            "test_a_provider_that_refuses_our_account_alarms_until_a_mail_gets_through",
        ),
    ),
    Guard(
        9,
        "whoever changes what is shown, the database notes it",
        "digest/models/page_triggers.py",
        '("INSERT", "DELETE", f"UPDATE OF {_SHOWN_OF_PAPER}")',
        '("INSERT", "DELETE")',
        (
            "tests/digest/models/test_page_version.py::"
            "test_whatever_pages_show_changes_it_whoever_writes",
        ),
    ),
    Guard(
        9,
        "a page that was kept is shown only while nothing has changed",
        "digest/web/page_store.py",
        "if kept and kept[0] == state:",
        "if kept:",
        (f"{SHARED}::test_every_change_is_seen_at_once",),
    ),
    Guard(
        9,
        "a new day is a change",
        "digest/web/shared_pages.py",
        "{version} {day} {settings.SITE_URL}",
        "{version} {settings.SITE_URL}",
        (f"{SHARED}::test_a_new_day_is_seen",),
    ),
    Guard(
        9,
        "a database that notes no changes shares no pages",
        "digest/web/shared_pages.py",
        "        if not _has_triggers():\n            return None\n",
        "",
        (f"{SHARED}::test_a_database_that_does_not_note_its_changes_shares_nothing",),
    ),
    Guard(
        9,
        "whoever is signed in gets pages of their own",
        "digest/web/shared_pages.py",
        " or settings.SESSION_COOKIE_NAME in request.COOKIES",
        "",
        (f"{SHARED}::test_whoever_is_signed_in_is_shown_no_page_that_was_kept_for_all",),
    ),
    Guard(
        9,
        "a page whose view looked at its visitor is not kept",
        "digest/web/shared_pages.py",
        " or response.cookies or looked_at_visitor",
        "",
        (f"{SHARED}::TestNeverShared::test_a_page_whose_view_looked_at_its_visitor_after_all",),
    ),
    Guard(
        9,
        "every visitor's form has a stamp of its own",
        "digest/web/listing.py",
        "make_sign_up_form(*topics, shown_at=STAMP_SLOT)",
        "make_sign_up_form(*topics)",
        (f"{SHARED}::test_every_visitor_gets_a_stamp_of_the_moment",),
    ),
    Guard(
        9,
        "what memory has no room for is found by the database's index",
        "digest/match/candidates.py",
        "found = find_newest(topic, self.acronyms, most)",
        "found = Found([], 0)",
        (
            "tests/digest/match/test_catalogue_cache.py::"
            "test_what_a_full_catalogue_drops_is_found_all_the_same",
        ),
    ),
    Guard(
        1,
        "a card of layers has the lines of the card set plainly: a mail set again has its bytes",
        "digest/render/text_width.py",
        'end = text.rfind(" ", start, start + limit + 1)',
        'end = text.rfind(" ", start, start + limit)',
        (f"{PAPER_CARD}::test_a_paragraph_of_any_text_has_the_lines_and_marks_of_the_slow_ways",),
    ),
    Guard(
        1,
        "a paper that has changed has another card than the one that is kept",
        "digest/render/paper_facts.py",
        "            code_stars=paper.code_stars,\n",
        "            code_stars=None,\n",
        (f"{PAPER_CARD}::test_a_paper_is_set_once_for_every_reader_and_anew_when_it_has_changed",),
    ),
    Guard(
        1,
        "a card that outlives its run is of the paper as it is now",
        "digest/render/stage.py",
        "found is None or not found.card.is_of(facts, evidence)",
        "found is None",
        (
            "tests/digest/render/test_card_cache.py::"
            "test_a_card_outlives_its_run_as_long_as_the_paper_stays_what_it_was",
        ),
    ),
    Guard(
        3,
        "a mail goes to the address that its reader gave, however quickly it is read",
        "digest/deliver/provider/payload.py",
        "found = PLAIN_ADDRESS.fullmatch(str(addresses[0]))",
        "found = PLAIN_ADDRESS.search(str(addresses[0]))",
        (
            "tests/digest/deliver/provider/test_payload.py::test_an_address_is_read_as_anymail_reads_it",
        ),
    ),
    Guard(
        3,
        "no address is filled into a call that anymail would write otherwise",
        "digest/deliver/provider/payload_form.py",
        "        and PLAIN_ADDRESS.fullmatch(mail.to[0])\n",
        "",
        (
            "tests/digest/deliver/provider/test_payload_form.py"
            "::test_every_call_is_the_one_that_anymail_makes",
        ),
    ),
    Guard(
        3,
        "a form that anymail's own call contradicts is not used again",
        "digest/deliver/provider/payload.py",
        "            self._forms[name] = None\n",
        "",
        (
            "tests/digest/deliver/provider/test_payload_form.py"
            "::test_a_form_that_is_wrong_once_is_never_used_again",
        ),
    ),
    Guard(
        6,
        "a machine too busy to read a document blames no source",
        "digest/ingest/stage.py",
        "    except (HostBusy, MachineBusy) as busy:\n",
        "    except HostBusy as busy:\n",
        (f"{INGEST}::test_a_machine_too_busy_to_read_a_document_is_no_fault_of_its_source",),
    ),
    Guard(
        6,
        "the time we take for a document is not the host's",
        "digest/ingest/poll.py",
        "            poll.fetch_seconds += time.monotonic() - began\n",
        "            poll.fetch_seconds = time.monotonic()\n",
        (f"{INGEST}::test_the_time_we_take_to_store_a_document_is_not_taken_from_the_host",),
    ),
    Guard(
        2,
        "a new topic is looked for in papers that another worker is just matching",
        "digest/match/new_topics.py",
        "    return topics_of | {paper_id: list(topics) for paper_id in unread_ids}, newest\n",
        "    return topics_of, newest\n",
        (f"{MATCH}/test_stage.py::test_a_topic_made_while_a_paper_is_being_matched_loses_nothing",),
    ),
    Guard(
        2,
        "a topic that was committed late is in the index too",
        "digest/match/index_cache.py",
        "return newest and (newest, Topic.objects.filter(pk__gt=state.settled).count())",
        "return newest and (newest, 0)",
        (
            f"{MATCH}/test_index_cache.py::"
            "test_a_topic_with_an_earlier_id_that_was_committed_later_is_added",
        ),
    ),
    Guard(
        2,
        "a topic that is followed while a run is under way is matched by that run",
        "digest/match/followed_topics.py",
        "        missing = topic_ids - self._queries.keys()\n",
        "        missing = topic_ids - self._queries.keys()\n"
        '        self._queries.update(dict.fromkeys(missing, ""))\n',
        (f"{MATCH}/test_stage.py::test_somebody_may_follow_a_topic_while_its_run_is_under_way",),
    ),
    Guard(
        10,
        "a new topic reads only the papers that hold its words",
        "digest/match/new_topics.py",
        "find_candidates(topics, since, learned.acronyms, news_since, newest_since)",
        '((t, p, False) for t in topics for p in Paper.objects.values_list("pk", flat=True))',
        (f"{MATCH}/test_new_topics.py::test_only_papers_that_may_hold_it_are_read",),
    ),
    Guard(
        10,
        "the index of topics reads what is new",
        "digest/match/index_cache.py",
        "    if not before or _read_newest(Topic.objects.filter(pk=before[0][0])) != before[0]:\n",
        "    if True:\n",
        (
            f"{MATCH}/test_index_cache.py::"
            "test_the_index_reads_what_is_new_and_never_who_follows_what",
        ),
    ),
    Guard(
        10,
        "what was typed for a topic is read once a run",
        "digest/match/followed_topics.py",
        "        missing = topic_ids - self._queries.keys()\n",
        "        missing = topic_ids\n",
        (f"{MATCH}/test_stage.py::test_what_was_typed_for_a_topic_is_read_once_a_run",),
    ),
    Guard(
        10,
        "many matches are one statement",
        "digest/match/match_rows.py",
        "_ROWS_AT_ONCE = 10_000",
        "_ROWS_AT_ONCE = 1",
        (f"{MATCH}/test_match_rows.py::test_hundreds_of_rows_are_as_many_statements_as_one",),
    ),
    Guard(
        10,
        "a term that many topics have is looked for once in a paper",
        "subscribers/topics/finding.py",
        "    if term.identity not in reading.found:\n",
        "    if True:\n",
        (
            f"{TOPICS}/test_finding.py::"
            "test_what_many_topics_have_in_common_is_looked_for_once_in_a_paper",
        ),
    ),
    Guard(
        10,
        "what was found for one term is no other's that is only typed like it",
        "subscribers/topics/terms.py",
        """return f"{self.is_exact:d} {self.typed} {' '.join(self.stems)}\"""",
        "return self.typed",
        (
            f"{TOPICS}/test_finding.py::"
            "test_terms_that_are_typed_alike_and_mean_different_things_are_kept_apart",
        ),
    ),
    Guard(
        10,
        "an author whose name nobody has is not looked for name by name",
        "subscribers/topics/finding.py",
        "    if make_author_key(term) not in reading.author_keys:",
        "    if False:",
        (
            f"{TOPICS}/test_finding.py::"
            "test_who_is_nobody_of_the_authors_is_not_looked_for_name_by_name",
        ),
    ),
    Guard(
        10,
        "a phrase without other forms is looked for by where its first word stands",
        "subscribers/topics/occurrences.py",
        "    if not acronyms or not acronyms.may_change(term):\n",
        "    if not acronyms:\n",
        (
            f"{TOPICS}/test_occurrences.py::"
            "test_a_phrase_without_other_forms_is_not_looked_for_word_by_word",
        ),
    ),
    Guard(
        10,
        "a phrase of many acronyms has no more forms than are asked for",
        "subscribers/topics/all_forms.py",
        "        if len(longer) > MOST_FORMS and len(forms) > 1:\n",
        "        if len(longer) > 1_000:\n",
        (
            f"{TOPICS}/test_all_forms.py::"
            "test_a_phrase_of_nothing_but_acronyms_has_the_forms_of_its_beginning",
        ),
    ),
    Guard(
        11,
        "a stop that was typed may stand in a text",
        "subscribers/topics/occurrences.py",
        "    if not (stops := term.stops):\n",
        "    if stops := ():\n",
        (
            f"{LANGUAGE}/test_occurrences.py::"
            "test_stops_within_a_topic_may_stand_in_a_text_and_no_others",
            f"{LANGUAGE}/test_real_topics.py::"
            "test_topics_of_many_fields_are_found_wherever_they_stand",
        ),
    ),
    Guard(
        11,
        "lowered digits are words of their own",
        "subscribers/topics/chunks.py",
        '_LETTER = rf"[^\\W\\d_{_RAISED}{_LOWERED}{_SIGNS}{_MARKS}]"\n',
        '_LETTER = rf"[^\\W\\d_{_SIGNS}{_MARKS}]"\n',
        (
            f"{LANGUAGE}/test_words.py::"
            "test_formulas_and_greek_letters_are_read_alike_however_they_are_set",
        ),
    ),
    Guard(
        11,
        "a bare category is answered with what to type",
        "subscribers/topics/language.py",
        "        refuse_category_name(word)\n",
        "",
        (f"{LANGUAGE}/test_misreadings.py::test_what_no_text_says_is_refused_with_what_to_type",),
    ),
    Guard(
        11,
        "papers stored under other rules are read again",
        "digest/migrations/0015_text_rules.py",
        '        Paper.objects.bulk_update(changed, ["normal_form"], batch_size=100)\n',
        "",
        (
            "tests/digest/migrations/test_text_rules.py::test_papers_are_found_by_the_rules_of_today",
        ),
    ),
    Guard(
        3,
        "whoever left another service's list is not asked",
        "subscribers/lists/import_csv.py",
        "    if said := find_farewell(line.others):\n",
        '    if said := "":\n',
        (f"{IMPORT}::test_lists_of_other_services_come_in_without_those_who_left",),
    ),
    Guard(
        3,
        "a trial of an import writes nobody down",
        "subscribers/lists/import_chunk.py",
        "        if self._rules.is_trial or fate[0]",
        "        if fate[0]",
        (f"{IMPORT}::test_a_trial_says_what_would_be_and_writes_nothing",),
    ),
    Guard(
        6,
        "what cannot be read does not become a source",
        "digest/ingest/look_at.py",
        "is_final = error.status is not None and error.status < 500 and error.status != 429",
        "is_final = False",
        ("tests/digest/ingest/test_look_at.py::test_what_cannot_be_read_is_said",),
    ),
    Guard(
        6,
        "an address within a private network does not become a source",
        "digest/ingest/propose.py",
        "    if reason := explain_inner_address(url):\n        raise BadAddress(reason)\n",
        "",
        (f"{ADD_SOURCE}::test_inner_addresses_are_refused_at_once",),
    ),
    Guard(
        6,
        "a source that is added in the admin is the one that was shown",
        "digest/admin/new_source.py",
        '    if (said["typed"], said["wanted"]) != (wanted["url"], wanted["kind"]):\n'
        "        return None\n",
        "",
        (
            "tests/digest/admin/test_new_source.py::"
            "test_another_address_than_the_one_that_was_shown_is_looked_at_anew",
        ),
    ),
    Guard(
        6,
        "one source in many spellings is asked once",
        "digest/ingest/sources/addresses.py",
        '    return urlunsplit(("", parts.netloc, parts.path.rstrip("/"), parts.query, ""))\n',
        "    return url\n",
        (
            f"{ADD_SOURCE}::test_one_source_is_not_added_twice_however_it_is_written",
            "tests/digest/management/commands/test_import_sources.py::"
            "test_one_feed_in_many_spellings_is_one_source",
        ),
    ),
    Guard(
        6,
        "addresses of one site and of documentation are not public",
        "digest/ingest/sources/address_guard.py",
        " or any(ip in network for network in _NOT_PUBLIC)",
        "",
        (
            "tests/digest/ingest/sources/test_address_guard.py::"
            "test_an_address_that_is_not_public_is_told_apart",
        ),
    ),
    Guard(
        10,
        "a brace that is never closed is looked for once an entry",
        "digest/suggest/bibtex_import.py",
        "        self._trusts_braces = False\n",
        "",
        (
            "tests/digest/suggest/test_bibtex_import.py::"
            "test_the_largest_paste_costs_what_its_length_is_worth",
        ),
    ),
    Guard(
        4,
        "the page of an act acts on POST alone",
        "subscribers/admin/act_views.py",
        '    if request.method == "POST" and plan.chosen and',
        "    if plan.chosen and",
        (f"{ACT_VIEWS}::test_looking_at_the_page_of_an_act_changes_nothing",),
    ),
    Guard(
        3,
        "an act asks for the permission",
        "subscribers/admin/act_views.py",
        "    if not may_perform(request, act):\n        raise PermissionDenied\n",
        "",
        (f"{ACT_VIEWS}::test_nobody_performs_an_act_without_the_permission",),
    ),
    Guard(
        3,
        "a report on the first of two mails of a delivery is known by our key",
        "digest/track/find_mail.py",
        "Q(key=report.key)",
        'Q(key=report.key, message_id="")',
        (
            "tests/digest/track/test_find_mail.py"
            "::test_a_bounce_of_the_first_of_two_mails_suppresses_whenever_it_comes",
        ),
    ),
    Guard(
        3,
        "whoever left by themselves is not brought back by an operator",
        "subscribers/admin/acts.py",
        "        if left is None or not left.by:\n"
        '            return _("left by themselves: only they can come back")\n',
        "",
        (
            "tests/subscribers/admin/test_acts.py::"
            "test_an_act_says_beforehand_why_it_would_change_nothing",
        ),
    ),
    Guard(
        3,
        "whoever an operator adds is asked to confirm",
        "subscribers/admin/act_forms.py",
        '        if self.cleaned_data["consent"] == self.ASK:\n            return None\n',
        '        if self.cleaned_data["consent"] == self.ASK:\n            return timezone.now()\n',
        ("tests/subscribers/admin/test_subscribers.py::test_whoever_is_added_is_asked_to_confirm",),
    ),
    Guard(
        3,
        "dates, states and addresses of subscribers are typed by nobody",
        "subscribers/admin/subscribers.py",
        "        return self.readonly_fields if obj else []\n",
        '        return [n for n in self.readonly_fields if n != "email"] if obj else []\n',
        ("tests/subscribers/admin/test_subscribers.py::test_no_column_of_fact_can_be_typed",),
    ),
    Guard(
        7,
        "the log of what staff did holds no address",
        "subscribers/admin/staff_log.py",
        '    return f"{row._meta.verbose_name} {row.pk}"\n',
        "    return str(row)\n",
        (f"{ACT_VIEWS}::test_the_log_says_who_did_what_and_to_how_many_and_holds_no_address",),
    ),
    Guard(
        12,
        "of what is pasted so many words are read, and no more",
        "digest/suggest/reading_limit.py",
        "return cut if len(spans) <= words else cut[: spans[words - 1][1]]",
        "return text",
        (f"{READING}::test_of_a_text_so_many_words_are_read_whatever_its_script",),
    ),
    Guard(
        12,
        "topics for what was pasted are worked out one at a time over all processes",
        "digest/suggest/views.py",
        "    with limit_concurrency(PATIENCE_SECONDS) as is_free:\n        if is_free:\n"
        "            return _render_proposals",
        "    with limit_concurrency(PATIENCE_SECONDS) as is_free:\n        if True:\n"
        "            return _render_proposals",
        (
            "tests/digest/suggest/test_views.py::"
            "test_topics_for_what_was_pasted_are_worked_out_for_one_at_a_time",
        ),
    ),
    Guard(
        12,
        "what there is no time for is left out",
        "subscribers/limits/cpu_allowance.py",
        "return time.thread_time() >= self._ends_at",
        "return False",
        (f"{READING}::test_what_there_is_no_time_for_is_left_out_and_said",),
    ),
    Guard(
        12,
        "a network that used its share of computing waits",
        "config/fair_share.py",
        "if lane in (PAGES, COSTLY, INTERESTS) and (wait",
        "if False and (wait",
        (
            f"{SHARE}::test_a_network_that_used_its_share_of_computing_is_told_so_and_when_it_goes_on",
        ),
    ),
    Guard(
        12,
        "whoever finds a lane full is told so, and nothing else is kept out",
        "config/lanes.py",
        "            if not self._running.acquire(timeout=PATIENCE_SECONDS):\n"
        "                yield False\n                return\n",
        "            self._running.acquire(timeout=PATIENCE_SECONDS)\n",
        (
            f"{SHARE}::test_whoever_finds_a_lane_full_is_asked_to_come_again_and_nothing_else_is_kept_out",
        ),
    ),
    Guard(
        12,
        "tries to sign in are counted before a password is hashed",
        "config/sign_in.py",
        "        if not may_try(self.request, name, timezone.now()):\n",
        "        if False:\n",
        (f"{SIGN_IN}::test_a_thousand_names_cost_no_more_hashes_than_the_limit_of_all",),
    ),
    Guard(
        12,
        "a known device gets in whatever strangers tried",
        "config/sign_in.py",
        "    if device := _read_device_of(request, name):\n",
        "    if False:\n",
        (f"{SIGN_IN}::test_a_known_device_gets_in_whatever_strangers_tried_with_that_name",),
    ),
    Guard(
        12,
        "a passkey's answer is taken for the address of this site alone",
        "config/passkeys.py",
        "        verify_origin=lambda said: said == origin,\n",
        "        verify_origin=lambda said: bool(said),\n",
        (f"{PASSKEYS}::test_an_answer_that_was_made_elsewhere_gets_nobody_in",),
    ),
    Guard(
        12,
        "a passkey answers each question once",
        "config/passkeys.py",
        "    if not fresh.exclude(last_challenge=asked).update(**used):\n",
        "    if not fresh.update(**used):\n",
        (f"{PASSKEYS}::test_a_question_is_answered_once_and_soon_and_by_whom_it_was_put_to",),
    ),
    Guard(
        12,
        "a copy of a passkey that counts is refused",
        "config/passkeys.py",
        "    if (count or passkey.sign_count) and count <= passkey.sign_count:\n",
        "    if False:\n",
        (f"{PASSKEYS}::test_a_copy_that_counts_from_before_is_refused",),
    ),
    Guard(
        12,
        "an old session changes no way to sign in",
        "config/sign_in.py",
        "    return bool(-MINUTE <= age <= RECENT_SECONDS)\n",
        "    return True\n",
        (
            "tests/config/test_passkeys_of_strangers.py"
            "::test_whoever_finds_a_desk_with_an_old_session_changes_no_way_to_sign_in",
        ),
    ),
    Guard(
        12,
        "a change of everything by a digest's link asks the mailbox in a new browser",
        "subscribers/account/topic_changes.py",
        "    return not is_whole\n",
        "    return True\n",
        (f"{BROWSERS}::test_a_new_browser_changes_topics_but_not_all_of_them",),
    ),
    Guard(
        12,
        "small changes of a day by new browsers are one",
        "subscribers/account/topic_changes.py",
        "    if not now - SUMMED_FOR < change.since <= now:\n",
        "    if True:\n",
        (f"{BROWSERS}::test_small_changes_of_a_day_count_together_and_new_topics_hide_none",),
    ),
    Guard(
        12,
        "the cookie of another reader, or of ended links, makes no browser known",
        "subscribers/web/known_browsers.py",
        "        if one.subscriber_id == subscriber.pk and said == version:\n",
        "        if True:\n",
        (f"{BROWSERS}::test_a_cookie_that_is_none_of_this_readers_makes_no_browser_known",),
    ),
    Guard(
        12,
        "whoever knows a password alone slows its owner down on no device of theirs",
        "config/second_step.py",
        "    is_spared = sign_in.may_try_code(request, now)\n",
        "    is_spared = False\n",
        (
            "tests/config/test_second_step.py"
            "::test_whoever_knows_the_password_does_not_slow_its_owner_down_on_a_device_of_theirs",
        ),
    ),
    Guard(
        12,
        "behind a proxy a stranger's address is the stranger's",
        "config/settings.py",
        'AXES_CLIENT_IP_CALLABLE = "config.sign_in.find_client_address"\n',
        "",
        (f"{SIGN_IN}::test_behind_a_proxy_a_strangers_tries_lock_out_only_the_stranger",),
    ),
    Guard(
        12,
        "a public site starts with no key that can be guessed",
        "config/environment.py",
        "        if not is_local and is_weak_key(key):\n",
        "        if False:\n",
        (
            "tests/config/test_settings.py::"
            "test_a_public_site_does_not_start_with_a_key_that_can_be_guessed",
        ),
    ),
    Guard(
        12,
        "a link that a mail program broke is in no log",
        "config/log_privacy.py",
        '_OF_ONE_READER.sub(r"\\1…", _TOKEN.sub("…", text))',
        '_TOKEN.sub("…", text)',
        (
            "tests/config/test_log_privacy.py::"
            "test_a_link_is_not_told_however_a_mail_program_broke_it",
        ),
    ),
    Guard(
        12,
        "a link that was ended opens nothing",
        "subscribers/web/decorators.py",
        "if subscriber and purpose != tokens.UNSUBSCRIBE and is_ended(",
        "if False and is_ended(",
        (f"{ENDED}::test_a_link_that_has_ended_shows_nothing_and_does_nothing",),
    ),
    Guard(
        12,
        "an old mail unsubscribes and shows no address",
        "subscribers/web/views.py",
        "    if is_ended(tokens.UNSUBSCRIBE, token, subscriber):\n",
        "    if False:\n",
        (f"{ENDED}::test_an_old_mail_still_unsubscribes_and_shows_no_address_and_no_new_link",),
    ),
    Guard(
        12,
        "a move ends the links of the address that is left",
        "subscribers/account/address.py",
        "move_asked_at=None, link_version=version)",
        "move_asked_at=None)",
        (f"{ENDED}::test_a_link_that_has_ended_shows_nothing_and_does_nothing",),
    ),
    Guard(
        12,
        "signs that turn text around leave on no page",
        "config/policy.py",
        "        if not response.streaming and _TURNING.search(response.content):\n",
        "        if False:\n",
        (
            "tests/config/test_policy.py::"
            "test_signs_that_turn_text_around_leave_on_no_page_and_in_no_answer",
        ),
    ),
    Guard(
        6,
        "why there is nothing is said only where somebody asked",
        "digest/web/quiet_days.py",
        "    if unread := _explain_unread(period):\n",
        '    if unread := "":\n',
        ("tests/test_aging.py::test_nothing_false_is_said_after_so_many_days",),
    ),
    Guard(
        6,
        "a digest says that nothing was announced only where somebody could read",
        "digest/compose/quiet.py",
        "        if self._has_sources and is_unread and is_without_news:\n",
        "        if False:\n",
        ("tests/test_aging.py::test_nothing_false_is_said_after_so_many_days",),
    ),
    Guard(
        6,
        "the service is not ready where nobody asks the sources",
        "digest/web/health.py",
        "        missing = find_silent_parts(timezone.now())\n",
        "        missing = []\n",
        ("tests/digest/watch/test_silence.py::test_sources_speak_for_a_service_without_redis",),
    ),
    Guard(
        3,
        "nobody is mailed an edition again who must not be mailed",
        "digest/deliver/copies.py",
        "    if reason := explain_no_resend(delivery):\n        raise NothingToSend(reason)\n",
        "",
        (f"{PEOPLE}::test_nobody_is_mailed_again_who_must_not_be",),
    ),
    Guard(
        7,
        "a copy for an operator holds no link of the reader",
        "digest/deliver/copies.py",
        "    theirs.pk = NOBODY\n",
        "",
        (f"{PEOPLE}::test_a_copy_goes_to_the_operator_and_its_links_lead_to_nobody",),
    ),
    Guard(
        13,
        "what mentions a topic in passing is behind what is on it",
        "digest/compose/topic_news.py",
        "(strength < floor, ",
        "(False, ",
        (
            "tests/digest/compose/test_near_papers.py::TestPassingMentions::test_come_behind_all_that_is_on_the_topic_whatever_is_said_of_them",
        ),
    ),
    Guard(
        13,
        "no passing mention comes unasked",
        "digest/compose/topic_news.py",
        "return self.count if with_passing else self.count_on_it",
        "return self.count",
        (
            "tests/digest/compose/test_near_papers.py::TestPassingMentions::test_do_not_come_unless_they_are_asked_for",
        ),
    ),
    Guard(
        13,
        "what names a kind of a topic takes no place of another find",
        "digest/compose/near_choices.py",
        "room = profile.max_papers - len(found)",
        "room = profile.max_papers",
        (
            "tests/digest/compose/test_near_papers.py::TestKinds::test_takes_only_the_room_that_is_left",
        ),
    ),
    Guard(
        13,
        "no near paper comes to who switched them off",
        "digest/compose/near_choices.py",
        "if not profile.wants_near:",
        "if False:",
        ("tests/digest/compose/test_near_papers.py::test_who_switched_them_off_gets_none",),
    ),
    Guard(
        13,
        "what is found, muted or sent is not near",
        "digest/compose/near_choices.py",
        "paper_id in taken or any(paper_id in ids for ids in shut_out)",
        "False",
        (
            "tests/digest/compose/test_near_papers.py::test_what_any_topic_finds_or_mutes_is_not_near",
        ),
    ),
    Guard(
        13,
        "a mail has three near papers at most",
        "digest/compose/near_papers.py",
        "sorted(near_enough)[:PLACES]",
        "sorted(near_enough)",
        (
            "tests/digest/compose/test_near_papers.py::test_three_at_most_stand_behind_the_finds_each_with_its_reason",
        ),
    ),
    Guard(
        13,
        "without any find only what is near enough makes a mail",
        "digest/compose/selection.py",
        "if choice.paper_id in self.worth_a_mail",
        "if choice.paper_id",
        (
            "tests/digest/compose/test_near_papers.py::TestWithoutAnyFind::test_only_papers_near_enough_make_a_mail",
        ),
    ),
    Guard(
        13,
        "no first digest is made of near papers alone",
        "digest/compose/near_choices.py",
        "one.nearness >= WORTH_A_MAIL and profile.since",
        "one.nearness >= WORTH_A_MAIL",
        (
            "tests/digest/compose/test_near_papers.py::test_no_first_digest_is_made_of_near_papers_alone",
        ),
    ),
    Guard(
        13,
        "a mail of near papers alone says so in its subject",
        "digest/render/subject.py",
        "if items and all(item.section == Section.NEAR for item in items):",
        "if False:",
        (
            "tests/digest/compose/test_near_papers.py::TestWithoutAnyFind::test_the_mail_says_what_it_is",
        ),
    ),
    Guard(
        13,
        "a floor leaves the strongest quarter",
        "subscribers/topics/sense.py",
        "return min(max(floor, LEAST_FLOOR), strong_quarter)",
        "return max(floor, LEAST_FLOOR)",
        (
            "tests/subscribers/topics/test_sense.py::test_a_floor_never_shuts_out_the_strongest_quarter",
        ),
    ),
    Guard(
        11,
        "one initial before a name that millions have finds nobody by a whole name",
        "subscribers/topics/author_names.py",
        "    return not (is_bare and family.typed in _SHARED_BY_MANY)\n",
        "    return True\n",
        (f"{TOPICS}/test_author_names.py::test_another_person_is_not_found",),
    ),
    Guard(
        11,
        "how a topic with an and in it is read is said",
        "subscribers/topics/readings.py",
        "        if said:\n",
        "        if not said:\n",
        (f"{TOPICS}/test_readings.py",),
    ),
]
