"""The faults that a gateway has to survive, how each is played, and what is seen: `docs/reliability.md` is made from this list.

Set EDI_GATEWAY_WRITE_DOCS=1 to write the page anew.
"""

import ast
import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from .test_failpoints import FAILPOINTS

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "reliability.md"


@dataclass(frozen=True)
class Row:
    """One fault, the test that plays it (a file under tests/ and a test in it), and what that test holds."""

    fault: str
    played_by: str
    seen: str


ROWS = (
    Row(
        (
            "kill -9 before and after every commit of receive, translate, map, deliver, acknowledge, send, MDN in and 997 in;"
            " around every job, post and folder move; on SQLite and PostgreSQL"
        ),
        "gateway/test_failpoints.py::test_killed_at_every_failpoint_nothing_is_lost_and_nothing_happens_twice",
        (
            "{points} failpoints, an order and an invoice at each: every order delivered once, every invoice accepted once,"
            " nothing parked, no control number twice"
        ),
    ),
    Row(
        "kill -9 between the pieces that a long message is translated in",
        (
            "gateway/test_failpoints.py"
            "::test_killed_again_and_again_between_the_pieces_of_a_long_message_nothing_is_lost_and_nothing_happens_twice"
        ),
        "six deaths in one message of seventy orders: each delivered once, one 997 that names them all",
    ),
    Row(
        "kill -9 at random under load",
        "gateway/test_soak.py::test_killed_at_random_under_load_nothing_is_lost_and_nothing_happens_twice",
        "a kill every 1.5 to 6 s for a minute: the ledger agrees on both sides",
    ),
    Row(
        "The synchronous MDN is lost after the commit",
        "gateway/test_killed.py::test_killed_between_the_commit_and_the_mdn_the_same_bytes_get_the_same_mdn",
        "the resend gets the stored MDN byte for byte; one order",
    ),
    Row(
        "The process dies while the ERP's file is published",
        "gateway/test_killed.py::test_killed_while_the_erp_file_is_published_it_is_there_once",
        "the file is there once, even where the ERP had taken it",
    ),
    Row(
        "A transaction dies between any two statements",
        "store/test_crash.py::test_a_transaction_that_dies_before_its_end_leaves_nothing",
        "nothing of it is there",
    ),
    Row(
        "The disk is full",
        "store/test_database.py::test_a_full_disk_is_said_so_and_half_of_nothing_is_kept",
        "said so in words; the sender is asked to come again; half of nothing is kept",
    ),
    Row(
        "The disk refuses a write",
        "store/test_database.py::test_a_write_that_the_disk_refuses_is_said_so_and_nothing_of_it_is_kept",
        "said so; nothing of the transaction is kept, and the next one works",
    ),
    Row(
        "The database server is stopped at once (an immediate shutdown) and stays away for 3 s and 60 s",
        "gateway/test_database_away.py::test_the_database_is_killed_and_stays_away",
        "posts are answered 503 and come again, work waits, all is settled once it is back",
    ),
    Row(
        "Connections to the database are cut",
        "store/test_database.py::test_connections_that_were_cut_are_replaced",
        "the next transaction has a new one",
    ),
    Row(
        "The database file is damaged",
        "store/test_database.py::test_a_damaged_file_is_said_so",
        "told with a code; nothing is given out",
    ),
    Row(
        "A payload is damaged or lost",
        "store/test_payloads.py::test_a_damaged_file_is_named_and_not_given_out",
        "named, and never given out",
    ),
    Row(
        "The partner is down",
        "channels/test_http.py::test_a_closed_port_is_unreached",
        "tried again at growing intervals",
    ),
    Row(
        "The partner is slow, or never ends",
        "channels/test_http.py::test_a_slow_answer_ends_at_the_time_given_for_all_of_it",
        "the attempt ends at the agreed time",
    ),
    Row(
        "The partner's answer is endless",
        "channels/test_http.py::test_an_endless_answer_is_too_large",
        "the attempt ends at the limit",
    ),
    Row(
        "The partner answers garbage",
        "channels/test_http.py::test_an_answer_that_is_not_whole_or_not_http_is_cut_off",
        "no delivery; tried again",
    ),
    Row(
        "The partner says 200 without a true MDN",
        "services/test_sending.py::test_only_a_true_mdn_settles_a_message",
        "a person looks at it; it does not count as delivered",
    ),
    Row(
        "The same message fifty times at once",
        "services/test_receiving.py::test_fifty_equal_posts_at_once_are_one_order_and_equal_mdns",
        "one order, fifty equal MDNs",
    ),
    Row(
        "The same Message-ID with other content",
        "services/test_receiving.py::test_other_content_under_a_known_message_id_is_refused_and_kept",
        "refused by MDN, kept",
    ),
    Row(
        "The same document under a new Message-ID",
        "services/test_repeats.py::test_the_same_interchange_under_a_new_message_id_is_no_second_order",
        "rejected by its control number; one order",
    ),
    Row(
        "An asynchronous MDN comes while the answer to its own post is written down, on both databases",
        "services/test_crossing.py::test_an_mdn_that_comes_while_its_post_is_written_down_delivers",
        "the message is delivered at once, its window met",
    ),
    Row(
        "A 997 or a TA1 comes while the MDN of the same message is taken, on both databases",
        "services/test_crossing.py::test_a_997_that_comes_while_the_mdn_is_taken_accepts",
        "the set is accepted or rejected, its window met",
    ),
    Row(
        "A window ends while its MDN is taken, on both databases",
        "services/test_crossing.py::test_a_window_that_ends_while_its_mdn_is_taken_is_left_to_the_mdn",
        "the message is delivered, its window met",
    ),
    Row(
        "MDN, 997 and 855 come in any order",
        "services/test_overtaking.py::test_in_whatever_order_mdn_997_and_855_come_they_end_the_same",
        "the same states, and nothing is waited for that has come",
    ),
    Row(
        "An 855 is read while the MDN of its 850 is taken, on both databases",
        "services/test_crossing.py::test_an_855_that_is_mapped_while_the_mdn_of_its_850_is_taken_meets_its_window",
        "its window is met",
    ),
    Row(
        "A sender asks for its MDN again while the last attempt to post it is written down, on both databases",
        "services/test_crossing.py::test_a_sender_that_asks_again_while_the_last_attempt_at_its_mdn_is_written_down_gets_it",
        "it is posted again",
    ),
    Row(
        "An asynchronous MDN comes before our own row",
        "lifecycle/test_tables.py::test_an_mdn_that_comes_before_our_own_row_is_not_undone_by_it",
        "delivered stays delivered",
    ),
    Row(
        "A good MDN comes after all attempts have ended",
        "lifecycle/test_tables.py::test_a_good_mdn_delivers_whenever_it_comes",
        "the message is delivered, late",
    ),
    Row(
        "Eight senders claim control numbers at once",
        "store/test_numbers.py::test_eight_senders_at_once_get_each_number_once_and_none_is_left_out",
        "each number once, none left out",
    ),
    Row(
        "A transaction with a control number fails",
        "store/test_numbers.py::test_a_number_whose_transaction_failed_is_given_again",
        "the number is given again: no gap",
    ),
    Row(
        "The 997 is late",
        "services/test_settling.py::test_a_late_997_closes_what_was_overdue",
        "it still closes the case",
    ),
    Row(
        "The 997 is partial",
        "services/test_settling.py::test_a_partial_997_leaves_open_what_it_does_not_name",
        "what it does not name stays open",
    ),
    Row(
        "The 997 is for a group that was never sent",
        "services/test_settling.py::test_a_997_for_a_group_that_was_not_sent_is_kept_with_a_warning",
        "kept, with a warning",
    ),
    Row(
        "A second 997 contradicts the first",
        "services/test_settling.py::test_a_second_997_that_contradicts_the_first_changes_nothing",
        "the first stands",
    ),
    Row(
        "The clock is set back",
        "work/test_worker.py::test_a_clock_that_is_set_back_delays_no_job_that_was_due",
        "what was due runs",
    ),
    Row(
        "Daylight saving, leap days, weekends and holidays in a window",
        "lifecycle/test_windows.py::test_a_window_in_business_time_ends_within_opening_hours",
        "the window ends within opening hours of the partner's zone",
    ),
    Row(
        "A body is cut off or its chunks are garbage",
        "web/test_serve.py::test_what_is_cut_off_or_garbage_never_reaches_the_receiver_and_is_no_500",
        "it never reaches the receiver",
    ),
    Row(
        "A body is shorter than announced",
        "web/test_as2_door.py::test_a_body_shorter_than_announced_is_refused_and_not_handed_on",
        "refused with 400",
    ),
    Row(
        "Compressed data that unpacks without end, or layers in layers",
        "as2/test_attacks.py::test_what_does_not_unpack_within_the_limits_is_refused",
        "refused at the limit",
    ),
    Row(
        "A set that is cut off anywhere",
        "x12/test_awkward.py::test_a_file_cut_off_anywhere_is_read_up_to_there",
        "read up to there; the rest is a fault with its byte",
    ),
    Row(
        "A certificate ends between queue and send",
        "services/test_sending.py::test_a_certificate_that_ended_between_queue_and_send_stops_the_message_and_says_so",
        "stopped, and says so",
    ),
    Row(
        "SIGTERM while work is under way",
        "cli/test_serve.py::test_it_says_where_it_listens_answers_there_and_ends_on_sigterm",
        "what is under way ends first",
    ),
    Row(
        "A worker dies, on both engines",
        "work/test_engines.py::test_a_worker_that_is_killed_loses_nothing_and_its_job_is_anothers",
        "its job is done by another",
    ),
    Row(
        "A worker is only taken for dead",
        "work/test_engines.py::test_a_job_that_takes_longer_than_a_worker_may_be_silent_stays_its_own",
        "its job stays its own",
    ),
    Row(
        "The clock's store is away",
        "work/test_clock.py::test_a_clock_whose_store_is_away_goes_on_ticking",
        "it goes on ticking",
    ),
    Row(
        "The clock stands still",
        "web/test_lists.py::test_a_clock_that_stands_still_or_work_that_waits_is_not_ready",
        "readyz says so",
    ),
    Row(
        "Many clocks on one database",
        "work/test_engines.py::test_clocks_on_many_hosts_make_one_job_a_tick",
        "one job a tick",
    ),
    Row(
        "A second gateway on one SQLite file",
        "store/test_database.py::test_a_second_gateway_on_one_sqlite_file_is_refused",
        "refused",
    ),
    Row(
        "Several processes of each role on one PostgreSQL",
        "gateway/test_roles.py::test_two_of_each_role_bring_every_document_to_its_end",
        "every document to its end, once",
    ),
    Row(
        "An upgrade with jobs in flight",
        "store/test_upgrade.py::test_work_in_flight_goes_along_to_procrastinate",
        "they go along",
    ),
    Row(
        "An upgrade fails half way",
        "store/test_upgrade.py::test_an_upgrade_that_fails_leaves_no_half_of_itself",
        "the database is as before",
    ),
    Row(
        "The disk fills up while messages come in: a small disk of its own, and a limit on files",
        "gateway/test_scarcity.py::test_where_the_disk_fills_up_what_comes_is_asked_for_again",
        "503 while it is full; the same bytes are taken once there is room, each order once",
    ),
    Row(
        "The disk fails to make durable what it was given (fsync), and the gateway goes on or is killed",
        "gateway/test_scarcity.py::test_what_the_disk_did_not_make_durable_is_never_promised",
        "no MDN; the same bytes are taken afterwards, each order once",
    ),
    Row(
        "There is no memory left for a large document, on both databases",
        "gateway/test_scarcity.py::test_without_memory_a_large_message_is_asked_for_again_and_nothing_is_lost",
        "an attempt fails or the process dies and is started again; each order once",
    ),
    Row(
        "Any one allocation fails while the store is used, each in its turn",
        "store/test_without_memory.py::test_an_allocation_that_fails_holds_up_nobody_else",
        "no lock and no connection stays behind: whoever comes next is served",
    ),
    Row(
        "Any one allocation fails while requests are answered and the next ones taken",
        "web/test_without_memory.py::test_a_server_without_memory_goes_on_with_all_of_its_threads",
        "no thread, lock or listening socket is lost: whoever comes next is answered",
    ),
    Row(
        "A further process, web or work, is stopped or hangs",
        "cli/test_standing_processes.py::test_a_process_that_stands_still_is_seen_killed_and_started_again",
        "readyz says so where it works; it is killed after half a minute, with a code in the log, and another one goes on",
    ),
    Row(
        "The one process of a gateway under systemd is stopped, or all of its web threads hang",
        "web/test_hanging.py::test_a_web_server_whose_threads_all_hang_gives_no_sign_of_life_before_one_of_them_is_free",
        "it gives no sign of life any more; with the shipped unit systemd kills it after half a minute, and starts it again",
    ),
    Row(
        "All threads of a further web process hang",
        "web/test_hanging.py::test_a_web_process_whose_threads_all_hang_is_killed_and_started_again",
        "a request that waits for them for a minute and a half ends that: the process is killed, and another one goes on",
    ),
    Row(
        "A worker thread is interrupted between the queue and its work: without memory, by a panic in a library",
        "work/test_worker.py::test_a_claim_that_its_thread_never_learnt_of_is_due_again_at_once",
        "what it had claimed is due again at once",
    ),
    Row(
        "On PostgreSQL the database goes, memory is short or a library panics between the queue and its work, before or after it is kept",
        "work/test_shared_jobs.py::test_whatever_a_claim_or_an_end_meets_no_job_is_lost",
        "the job is done; once more only where its end was not kept",
    ),
    Row(
        "On PostgreSQL a thread does not hear whether the end of its job was kept, and the job was wanted again meanwhile",
        "work/test_shared_jobs.py::test_an_end_that_is_told_twice_ends_no_other_attempt",
        "the end is told again, and ends nothing else",
    ),
    Row(
        "On PostgreSQL a process is killed that had a job, and another one works or is started",
        "work/test_shared_jobs.py::test_what_a_killed_process_had_is_anothers_long_before_its_lease_ends",
        "the job is done within seconds, long before its lease ends",
    ),
    Row(
        "The connection is cut that shows the others that a worker on PostgreSQL lives",
        "work/test_shared_jobs.py::test_a_worker_whose_connection_is_cut_is_not_dead_while_its_heart_beats",
        "it keeps its jobs while its heart beats; what is taken from it nevertheless it does not end for the other",
    ),
    Row(
        "The connection on which a process hears of work is cut",
        "work/test_shared_jobs.py::test_a_process_that_was_cut_off_while_it_listened_listens_again",
        "it listens again, and looks for what it may have missed",
    ),
    Row(
        "The PostgreSQL server dies and forgets the end of a job, whose worker lives",
        "work/test_shared_jobs.py::test_a_job_whose_end_the_server_forgot_as_it_died_is_done_again",
        "it is due again as soon as its thread looks for the next",
    ),
    Row(
        "Another session locks a table or a row of PostgreSQL",
        "store/test_database.py::test_what_another_session_locks_is_waited_for_and_not_for_ever",
        "said so after ten seconds, and the next transaction works",
    ),
    Row(
        "There are no file handles left, on both databases",
        "gateway/test_scarcity.py::test_without_file_handles_messages_are_asked_for_again_and_it_recovers_by_itself",
        "503 or no answer; the same process takes the same bytes once there are some",
    ),
    Row(
        "Another process holds the database (SQLite's lock, a table of PostgreSQL) for longer and for less than the gateway waits",
        "gateway/test_scarcity.py::test_while_another_process_holds_the_database_messages_wait_or_are_asked_for_again",
        "503 after ten seconds; what waits for less is taken",
    ),
    Row(
        "200 connections that send their headers a byte at a time, and 40 their bodies, on both databases",
        "gateway/test_scarcity.py::test_slow_headers_and_slow_bodies_hold_up_nobody_else",
        "others are answered meanwhile, each order delivered once",
    ),
    Row(
        "A segment of 10 MB, an interchange of 10 MB in which no segment ends",
        "services/test_enormous.py::test_an_enormous_segment_is_a_fault_and_the_next_order_goes_through",
        "a fault in a few words; the next order goes through",
    ),
    Row(
        "A document of 200 MB",
        "gateway/test_large.py::test_a_document_of_200_megabytes_goes_both_ways_within_64_mebibytes",
        "it goes both ways, in 64 MiB of memory",
    ),
    Row(
        "An asynchronous MDN comes twice",
        "services/test_sending.py::test_an_mdn_twice_is_kept_twice_and_changes_nothing_the_second_time",
        "kept twice, counts once",
    ),
    Row(
        "An asynchronous MDN comes late, after all attempts have ended",
        "services/test_sending.py::test_a_late_mdn_delivers_after_all_attempts_have_ended",
        "the message is delivered, its window late",
    ),
    Row(
        "An asynchronous MDN for a message that was never sent",
        "services/test_sending.py::test_an_mdn_for_an_unknown_message_is_kept_and_moves_nothing",
        "kept, moves nothing",
    ),
    Row(
        "An asynchronous MDN from another partner",
        "services/test_sending.py::test_an_mdn_from_another_partner_moves_nothing",
        "moves nothing",
    ),
    Row(
        "An asynchronous MDN with a wrong MIC, unsigned, or signed by another",
        "services/test_sending.py::test_an_mdn_that_proves_nothing_delivers_nothing_until_a_good_one_comes",
        "no delivery; the good one that follows delivers",
    ),
    Row(
        "Many senders at once, and many workers",
        "services/test_at_once.py::test_each_group_of_many_senders_at_once_gets_one_997",
        "one 997 for each group, no gap in the control numbers",
    ),
    Row(
        "The 997 rejects",
        "services/test_settling.py::test_a_rejecting_997_says_in_words_what_the_partner_noted_and_where",
        "told in words, at its segment",
    ),
    Row(
        "A certificate is rolled over, theirs or ours, with messages under way in both directions",
        "services/test_rolling_over.py::test_what_was_sealed_before_a_roll_over_arrives_and_what_comes_after_it_goes_by_the_new_key",
        "the same bytes arrive by the old key; what follows goes by the new one",
    ),
    Row(
        (
            "The machine's clock jumps under a running gateway: a day on, an hour back, over daylight saving, into a leap day;"
            " on both databases, PostgreSQL's server keeping its own time"
        ),
        "gateway/test_clock_jumps.py::test_a_clock_that_jumps_loses_nothing_and_holds_up_no_work",
        "orders and invoices come to their end after each jump, windows are met",
    ),
    Row(
        "The clock's thread dies",
        "work/test_clock.py::test_a_clock_whose_thread_dies_begins_again",
        "another takes its place within seconds",
    ),
    Row(
        "SIGTERM while a message is being taken in",
        "web/test_serve.py::test_a_message_under_way_is_answered_before_the_server_ends",
        "it is answered first",
    ),
    Row(
        "A backup under load",
        "store/test_backup.py::test_a_backup_under_load_is_one_state",
        "it holds one state, whole",
    ),
    Row(
        "A gateway is saved while orders come in, lost and restored, and its partner sends everything again, on both databases",
        "gateway/test_restored.py::test_messages_that_a_restored_backup_knows_get_their_first_mdn_and_are_not_processed_again",
        "what the backup knows gets its first MDN and no second order; the rest is taken anew, once",
    ),
    Row(
        "Messages from before a backup come again after its restore",
        "store/test_backup.py::test_a_message_id_seen_before_the_backup_is_known_after_it_and_no_control_number_is_used_twice",
        "the first MDN again; no control number twice",
    ),
    Row(
        "An upgrade with jobs in flight on SQLite",
        "store/test_upgrade.py::test_work_in_flight_goes_on_after_an_upgrade_on_sqlite",
        "they are done afterwards",
    ),
    Row(
        "A poison message",
        "work/test_engines.py::test_a_poison_message_is_parked_with_its_reason_and_the_others_flow",
        "parked with its reason; the others flow",
    ),
    Row(
        "A crash leaves a claimed file in the ERP's folder",
        "channels/test_folder.py::test_files_claimed_before_a_crash_are_claimed_again",
        "claimed again, answered once",
    ),
)

HEAD = """# Faults, and what becomes of them

The aim is the same for every fault: nothing that was acknowledged is lost, and no business effect happens twice. Each row is played by
a test, and says what that test holds: it fails where anything else is seen. The rows on processes that die run real gateways as
processes of their own on loopback, with `kill -9`, and end with a ledger of both sides: every order delivered once, every invoice
accepted once, every file answered and archived, every control number used once, nothing parked. This page is made by
`tests/gateway/test_reliability.py` and held to it.

The soak goes on for as long as one likes: `EDI_GATEWAY_SOAK_SECONDS=3600 pytest tests/gateway/test_soak.py`. By count:
`python benchmarks/kill_bench.py` sends 10,000 orders, on PostgreSQL with `--database postgresql`, to a gateway that is killed every 1.5
to 6 s, each again and again until its MDN is there, and ends with a ledger of its own and the times from a kill to the next MDN and
to the delivery of what was under way.

Seen on 2026-11-29 (SQLite) and 2026-11-30 (PostgreSQL), on two cores while other work used them too, so that the times are upper bounds:
in the last run a gateway took 7.6 s to start, which is a part of its times. On PostgreSQL a worker is found dead when others have
looked for it four times, a second apart; before [ADR 0026](adr/0026-a-lock-for-as-long-as-one-lives.md) what it had begun waited for
half a minute:

| Database | Orders | Kills | Sent again | Lost | Double | Kill to MDN, median · worst | To delivery, median · worst | Wanted | Took |
|---|---|---|---|---|---|---|---|---|---|
| SQLite | 10,005 | 85 | 1,647 | 0 | 0 | 1.2 · 1.4 s | 1.5 · 1.6 s | 15 s | 438 s |
| PostgreSQL, before | 4,005 | 62 | 2,384 | 0 | 0 | 2.9 · 3.4 s | 35.3 · 35.4 s | 60 s | 425 s |
| PostgreSQL, since then | 505 | 15 | 1,126 | 0 | 0 | 7.6 · 7.9 s | 12.8 · 13.0 s | 60 s | 174 s |

The times to the delivery are of five kills more, each with one order under way and nothing else.

"""


@cache
def named_tests(file: str) -> frozenset[str]:
    tree = ast.parse((ROOT / "tests" / file).read_text(encoding="utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


def page() -> str:
    lines = [HEAD, "| Fault | Played by | Seen |\n|---|---|---|\n"]
    for row in ROWS:
        file, _, test = row.played_by.partition("::")
        words = test.removeprefix("test_").replace("_", " ")
        lines.append(f"| {row.fault} | [{words}](../tests/{file}) | {row.seen.format(points=len(FAILPOINTS))} |\n")
    lines += ["\n## The failpoints\n\n", *(f"- {point}\n" for point in FAILPOINTS)]
    return "".join(lines)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.fault)
def test_every_fault_names_a_test_that_exists(row: Row) -> None:
    file, _, test = row.played_by.partition("::")
    assert test in named_tests(file)


def test_the_page_says_what_the_tests_play() -> None:
    if os.environ.get("EDI_GATEWAY_WRITE_DOCS"):
        PAGE.write_text(page(), encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == page(), "run this test with EDI_GATEWAY_WRITE_DOCS=1 to write the page anew"
