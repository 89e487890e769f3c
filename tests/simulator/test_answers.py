"""What the stand-in answers say: quotes of what was received, from where, and never of what was not."""

import time

import pytest

from app.books.samples import story, synthetic_novel
from app.simulator.answers import answer_from_text
from app.simulator.chat_template import read_conversation
from app.simulator.request import ImagePart, Message, TextPart
from app.simulator.retrieval import search
from app.verdict import Verdict, judge
from tests.simulator.harness import data_url, image, text, write_pages

FILLER = "The rain fell on the roofs and nobody spoke of it. "
NEEDLE = "The password of the Marseille office is heliotrope."
QUESTION = "What is the password of the Marseille office?"


def message(*texts, role="user", images=0):
    parts = tuple(ImagePart("data:,", None) for _ in range(images)) + tuple(TextPart(words) for words in texts)
    return Message(role, parts)


def test_the_answer_says_first_that_it_is_simulated(text_server, pages_server):
    for server in (text_server, pages_server):
        assert server.stream("Hello?").joined("content").startswith("**Simulated answer.** No model runs")


def test_the_text_side_quotes_and_says_where(text_server):
    document = FILLER * 300 + NEEDLE + " " + FILLER * 100
    content = text_server.stream(f"{document}\n\n{QUESTION}").joined("content")
    assert f"> {NEEDLE}" in content
    assert "75 % into the text I received (character 15,301 of " in content


def test_what_was_cut_off_cannot_be_quoted(text_server):
    content = text_server.stream(f"{FILLER * 300}\n\n{QUESTION}").joined("content")
    assert "heliotrope" not in content
    assert "Nothing in the 15,3" in content
    assert "Looked for: password, Marseille, office." in content


def test_the_pages_side_quotes_from_the_manifest_and_names_the_page(pages_server, pages_dir):
    files = write_pages(pages_dir / "a", [FILLER * 5, FILLER * 3 + NEEDLE + " ", FILLER * 5])
    content = [*(image(file.as_uri()) for file in files), text(QUESTION)]
    answer = pages_server.stream(content).joined("content")
    assert "on page 2:" in answer
    assert f"> {NEEDLE}" in answer


def test_pages_sent_as_data_are_known_by_their_bytes(pages_server, pages_dir):
    files = write_pages(pages_dir / "deep" / "b", ["The heron is grey. ", "The otter is brown."], first_shade=300)
    content = [*(image(data_url(file.read_bytes())) for file in files), text("Which colour is the otter?")]
    assert "on page 2:" in pages_server.stream(content).joined("content")


def test_pages_named_by_uuid_alone_are_still_known(pages_server, pages_dir):
    files = write_pages(pages_dir / "u", ["The lark sings at noon."], first_shade=500)
    pages_server.stream([image(files[0].as_uri(), "lark"), text("Hm?")])
    assert "on page 1:" in pages_server.stream([image(None, "lark"), text("When does the lark sing?")]).joined(
        "content"
    )


def test_a_page_that_was_not_sent_cannot_be_quoted(pages_server, pages_dir):
    files = write_pages(pages_dir / "c", [FILLER, NEEDLE, FILLER], first_shade=600)
    content = [image(files[0].as_uri()), image(files[2].as_uri()), text(QUESTION)]
    assert "heliotrope" not in pages_server.stream(content).joined("content")


def test_a_sentence_over_a_page_break_is_found_and_both_pages_named(pages_server, pages_dir):
    half = NEEDLE.index("Marseille")
    files = write_pages(pages_dir / "d", [FILLER + NEEDLE[:half], NEEDLE[half:] + " " + FILLER], first_shade=700)
    answer = pages_server.stream([*(image(file.as_uri()) for file in files), text(QUESTION)]).joined("content")
    assert "on pages 1 to 2:" in answer
    assert f"> {NEEDLE}" in answer


def test_without_a_manifest_it_says_that_it_cannot_read_pixels(pages_server, pages_dir):
    files = write_pages(pages_dir / "e", [NEEDLE], first_shade=800)
    (files[0].parent / "manifest.json").unlink()
    answer = pages_server.stream([image(files[0].as_uri()), text(QUESTION)]).joined("content")
    assert "I cannot read pixels" in answer
    assert "heliotrope" not in answer


def test_a_picture_that_was_replaced_after_the_manifest_is_not_taken_for_the_page(pages_server, pages_dir):
    files = write_pages(pages_dir / "f", [NEEDLE, FILLER], first_shade=900)
    files[0].write_bytes(files[0].read_bytes() + b"changed")
    answer = pages_server.stream([image(files[0].as_uri()), text(QUESTION)]).joined("content")
    assert "I cannot read pixels" in answer


@pytest.mark.parametrize(
    "broken", ["{", "[]", '{"pages": 5}', '{"pages": [5]}', '{"pages": [{"text": "x", "text_span": ["a", "b"]}]}']
)
def test_a_broken_manifest_is_no_manifest(pages_server, pages_dir, broken):
    files = write_pages(pages_dir / f"g{abs(hash(broken))}", [NEEDLE], first_shade=1000 + abs(hash(broken)) % 500)
    (files[0].parent / "manifest.json").write_text(broken)
    assert "cannot read pixels" in pages_server.stream([image(files[0].as_uri()), text(QUESTION)]).joined("content")


def test_a_chinese_question_is_answered_in_chinese(text_server):
    document = "船长把灯塔的钥匙藏在铜茶壶里。村里没有人见过彗星。"
    content = text_server.stream(f"{document}\n\n船长把钥匙藏在哪里？").joined("content")
    assert content.startswith("**模拟回答。**")
    assert "铜茶壶" in content


def test_a_follow_up_is_answered_from_the_same_document(text_server):
    messages = [
        {"role": "user", "content": f"{FILLER}\n\n{NEEDLE} Its porter is called Anselm.\n\nHow was the weather?"},
        {"role": "assistant", "content": "Rainy."},
        {"role": "user", "content": "And who is the porter?"},
    ]
    content = text_server.stream(messages).joined("content")
    assert "> Its porter is called Anselm." in content
    assert "How was the weather" not in content


def test_the_reasoning_tells_what_was_received_and_looked_for(text_server):
    reasoning = text_server.stream(f"{NEEDLE}\n\n{QUESTION}").joined("reasoning")
    assert reasoning.startswith("Simulated reader: no model runs here.")
    assert "password, Marseille, office" in reasoning


@pytest.mark.parametrize(
    ("messages", "document", "question"),
    [
        ([message("Book.\n\nMore book.\n\nWhy?")], "Book.\n\nMore book.", "Why?"),
        ([message("Book.\n\nMore book.", "Why?")], "Book.\n\nMore book.", "Why?"),
        ([message("Be brief.", role="system"), message("Book.\n\nQuestion: Why?")], "Book.", "Why?"),
        ([message("Why this?\n\nAnd why that?", images=2)], "", "Why this?\n\nAnd why that?"),
        ([message("Book.\n\nWhy?"), message("So.", role="assistant"), message("How?")], "Book.", "How?"),
        ([message("Why?")], "", "Why?"),
        ([message(role="user", images=1)], "", ""),
    ],
)
def test_document_and_question_are_told_apart(messages, document, question):
    conversation = read_conversation(messages)
    assert (conversation.document, conversation.question) == (document, question)


def test_a_novel_is_searched_in_a_tenth_of_a_second(shared_dir):
    novel = (shared_dir / "data" / "jane_eyre_flow.txt").read_text(encoding="utf-8")
    seconds = []
    for _ in range(3):
        started = time.process_time()  # ours alone, whatever else the machine does
        findings = search(novel, "What did Grace Poole do at Thornfield Hall in the third storey at night?")
        seconds.append(time.process_time() - started)
    assert min(seconds) < 0.1
    assert findings.passages


def test_titles_do_not_end_sentences():
    found = search("It rained. Old Mr. Pym met Dr. Oakes in Riga. It cleared.", "Whom did Pym meet in Riga?").passages
    assert found[0].start == len("It rained. ")
    assert found[0].end >= len("It rained. Old Mr. Pym met Dr. Oakes in Riga. ")


def test_word_forms_match_and_other_words_do_not():
    story = "She married in May. The artful dodger ran. The art was old."
    assert story[search(story, "When did she marry?").passages[0].start :].startswith("She married")
    assert story[search(story, "How old is the art?").passages[0].start :].startswith("The art was")


def test_letters_that_grow_when_lowered_do_not_shift_the_quote():
    story = "İİİİİİİİ. " * 50 + "The kestrel nests in the belfry."
    best = search(story, "Where does the kestrel nest?").passages[0]
    assert story[best.start :].startswith("The kestrel")


@pytest.mark.parametrize(
    "sample",
    [story(), synthetic_novel(text_tokens=60_000), synthetic_novel(text_tokens=30_000, language="zh")],
    ids=lambda sample: sample.book.title,
)
def test_a_sample_s_own_questions_are_answered_rightly_from_its_text(sample):
    wrong = [
        question.question
        for question in sample.questions
        if judge(answer_from_text(sample.book.text, question.question, 1).content, question.key).verdict
        is not Verdict.RIGHT
    ]
    assert wrong == []


def test_initials_end_no_sentence():
    text = "In the corner are two sets of initials. The first is T. Q. The second is W. P., and she was thirteen."
    assert "> In the corner" in (content := answer_from_text(text, "Whose is the second set of initials?", 1).content)
    assert "W. P., and she was thirteen." in content
