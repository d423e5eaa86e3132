#include "beckn/ack.hpp"
#include "beckn/capture.hpp"
#include "beckn/correlator.hpp"
#include "beckn/inbox.hpp"
#include "beckn/nack.hpp"
#include "beckn/outbox.hpp"
#include "core/json.hpp"
#include "unit/beckn/beckn_world.hpp"

#include <gtest/gtest.h>

namespace headroom::beckn {
namespace {

using test::context_of;
using test::wall_noon;

TEST(Ack, ReadsTheShapesOfEveryDialect) {
    EXPECT_EQ(read_ack(200, R"({"message":{"ack":{"status":"ACK"}}})").kind, AckKind::accepted);
    EXPECT_EQ(read_ack(200, R"({"transaction_id":"t","ack_status":"ACK"})").kind, AckKind::accepted);
    EXPECT_EQ(read_ack(200, R"({"status":"ACK","signature":"x"})").kind, AckKind::accepted);
    EXPECT_EQ(read_ack(200, R"({"message":{"status":"ACK","messageId":"m"}})").kind, AckKind::accepted);
    EXPECT_EQ(read_ack(200, "").kind, AckKind::accepted);
    EXPECT_EQ(read_ack(200, "garbage").kind, AckKind::accepted);
    EXPECT_EQ(read_ack(202, R"({"message":{"ack":{"status":"ACK"}}})").kind, AckKind::closed);
    EXPECT_EQ(read_ack(409, R"({"status":"ACK"})").kind, AckKind::closed);
}

AckSubject subject() {
    return {.transaction_id = "8d4aa6d2-17d4-4b31-9a35-2f5cf2a2a001",
            .message_id = "1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed",
            .now = test::wall_noon};
}

TEST(Ack, IsWrittenInTheShapeOfItsDialect) {
    EXPECT_EQ(ack_answer(WireVersion::v11, subject()).body, write_ack());
    EXPECT_EQ(ack_answer(WireVersion::v2_lts, subject()).body,
              R"({"message":{"status":"ACK","messageId":"1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed"}})");
    EXPECT_EQ(json::parse(ack_answer(WireVersion::v2_rc1, subject()).body).value().text("/ack_status"),
              "ACK");
    EXPECT_EQ(ack_answer(WireVersion::v2_lts, subject(), AckKind::closed).http_status, 202);
    EXPECT_EQ(ack_answer(WireVersion::v11, subject(), AckKind::closed).http_status, 200);
    for (const WireVersion version :
         {WireVersion::v09, WireVersion::v11, WireVersion::v2_rc1, WireVersion::v2_lts}) {
        for (const AckKind kind : {AckKind::accepted, AckKind::closed}) {
            const AckAnswer answer = ack_answer(version, subject(), kind);
            const AckKind expected = is_v2(version) ? kind : AckKind::accepted;
            EXPECT_EQ(read_ack(answer.http_status, answer.body).kind, expected) << to_string(version);
        }
    }
}

TEST(Ack, ANackSaysCodePointerExpectedAgainstGotAndKey) {
    MessageError error =
        make_error(ErrorCode::ctx_action_mismatch, "the action is another", "/context/action");
    error.expected = "select";
    error.got = "init";
    error.key_id = "a|k|ed25519";
    EXPECT_EQ(
        nack_answer(WireVersion::v11, subject(), error).body,
        R"({"message":{"ack":{"status":"NACK"}},"error":{"code":"30000","message":"CTX_ACTION_MISMATCH: )"
        R"(the action is another; expected select; got init; key a|k|ed25519","paths":"/context/action"}})");
    EXPECT_EQ(nack_answer(WireVersion::v2_lts, subject(), error).body,
              R"({"message":{"status":"NACK","messageId":"1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed","error":)"
              R"({"code":"CTX_ACTION_MISMATCH","message":"the action is another","details":)"
              R"({"path":"/context/action","expected":"select","got":"init","keyId":"a|k|ed25519"}}}})");
    for (const WireVersion version : {WireVersion::v2_rc1, WireVersion::v2_lts}) {
        const AckAnswer answer = nack_answer(version, subject(), error);
        const Ack back = read_ack(answer.http_status, answer.body);
        EXPECT_EQ(back.kind, AckKind::refused);
        EXPECT_EQ(back.error.code, "CTX_ACTION_MISMATCH");
        EXPECT_EQ(back.error.paths, "/context/action");
        EXPECT_EQ(back.error.expected, "select");
        EXPECT_EQ(back.error.got, "init");
        EXPECT_EQ(back.error.key_id, "a|k|ed25519");
    }
}

TEST(Ack, ThePlaceInTheContextIsToldByTheKeysOfTheDialect) {
    const auto place = [](WireVersion version, std::string pointer) {
        const AckAnswer answer = nack_answer(
            version, subject(), make_error(ErrorCode::ctx_invalid_field, "no", std::move(pointer)));
        return read_ack(answer.http_status, answer.body).error.paths;
    };
    EXPECT_EQ(place(WireVersion::v11, "/context/bap_uri"), "/context/bap_uri");
    EXPECT_EQ(place(WireVersion::v2_rc1, "/context/message_id"), "/context/message_id");
    EXPECT_EQ(place(WireVersion::v2_lts, "/context/message_id"), "/context/messageId");
    EXPECT_EQ(place(WireVersion::v2_lts, "/context/bapUri"), "/context/bapUri");
    EXPECT_EQ(place(WireVersion::v2_lts, "/message/contract/my_key"), "/message/contract/my_key");
    EXPECT_EQ(place(WireVersion::v09, "/context/version"), "/context/core_version");
}

MessageError told_of(const std::string& raw) {
    return unreadable(WireVersion::v2_lts, decode(raw), raw);
}

TEST(Nack, SaysWhatWasExpectedAndNotTheFaultAgain) {
    const auto with_time = [](const std::string& time) {
        return R"({"context":{"action":"confirm","version":"2.0.0","bapId":"a.example",)"
               R"("bapUri":"https://a.example/beckn","bppId":"b.example","bppUri":"https://b.example/beckn",)"
               R"("transactionId":"8d4aa6d2-17d4-4b31-9a35-2f5cf2a2a001",)"
               R"("messageId":"1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed","timestamp":)" +
               time + R"(},"message":{"contract":{}}})";
    };
    const MessageError no_time = told_of(with_time(R"("yesterday")"));
    EXPECT_EQ(no_time.paths, "/context/timestamp");
    EXPECT_EQ(no_time.expected, "YYYY-MM-DDThh:mm:ss");
    EXPECT_EQ(no_time.got, R"("yesterday")");
    const MessageError number = told_of(with_time("17"));
    EXPECT_EQ(number.expected, "a text");
    EXPECT_EQ(number.got, "17");
    const MessageError missing = told_of(with_time(R"("2026-11-20T12:00:00Z")"));
    EXPECT_EQ(missing.paths, "/message/contract/commitments");
    EXPECT_EQ(missing.expected, "a value");
    EXPECT_EQ(missing.got, "nothing");
    EXPECT_EQ(told_of("{}").expected, "context");
    EXPECT_EQ(told_of(R"({"context":{},"context":{}})").expected, "each key once");
    EXPECT_EQ(told_of(R"({"context":{"action":"confirm","version":"9.9"}})").expected,
              "the version of a dialect that is spoken here");
}

TEST(Nack, AMessageThatCannotBeReadIsStillNamed) {
    const Remains lts = remains_of(
        R"({"context":{"version":"2.0.0","bapId":"a","transactionId":"t-1","messageId":"m-1"},"message":7})");
    EXPECT_EQ(lts.version, WireVersion::v2_lts);
    EXPECT_EQ(lts.transaction_id, "t-1");
    EXPECT_EQ(lts.message_id, "m-1");
    EXPECT_EQ(remains_of(R"({"context":{"version":"1.1.0","message_id":"m-2"}})").message_id, "m-2");
    EXPECT_EQ(remains_of("[[[").version, std::nullopt);
    // What a stranger writes there is not said back whatever it is.
    EXPECT_EQ(remains_of(R"({"context":{"message_id":"a b"}})").message_id, "");
    EXPECT_EQ(remains_of(R"({"context":{"message_id":")" + std::string(129, 'x') + R"("}})").message_id, "");
    EXPECT_EQ(remains_of(R"({"context":{"message_id":17}})").message_id, "");
}

TEST(Ack, TheStatusOfANackFollowsDialectAndCause) {
    const auto status = [](WireVersion version, ErrorCode code) {
        return nack_answer(version, subject(), make_error(code, "no")).http_status;
    };
    EXPECT_EQ(status(WireVersion::v11, ErrorCode::biz_item_not_found), 200);
    EXPECT_EQ(status(WireVersion::v11, ErrorCode::aut_signature_invalid), 401);
    EXPECT_EQ(status(WireVersion::v2_lts, ErrorCode::biz_item_not_found), 400);
    EXPECT_EQ(status(WireVersion::v2_lts, ErrorCode::aut_key_not_found), 401);
    EXPECT_EQ(status(WireVersion::v2_lts, ErrorCode::net_internal_error), 500);
    EXPECT_EQ(status(WireVersion::v2_lts, ErrorCode::net_overloaded), 503);
}

TEST(ErrorCodes, EveryNameHasItsNumberAndIsFoundAgain) {
    for (int i = 0; i <= static_cast<int>(ErrorCode::pol_generic_error); ++i) {
        const auto code = static_cast<ErrorCode>(i);
        EXPECT_EQ(parse_error_code(to_string(code)), code);
        EXPECT_EQ(number_of(code).size(), 5U);
        EXPECT_EQ(number_of(parse_error_code(number_of(code)).value()), number_of(code));
    }
    EXPECT_EQ(number_of(ErrorCode::biz_quote_expired_or_changed), "40003");
    EXPECT_EQ(parse_error_code("50000"), ErrorCode::pol_generic_error);
}

TEST(Ack, ReadsRefusalsWithTheirErrors) {
    const Ack top = read_ack(
        200, R"({"message":{"ack":{"status":"NACK"}},"error":{"code":30010,"message":"no such order"}})");
    EXPECT_EQ(top.kind, AckKind::refused);
    EXPECT_EQ(top.error.code, "30010");
    EXPECT_TRUE(top.error.is_order_not_found());
    const Ack inside = read_ack(
        400,
        R"({"message":{"status":"NACK","error":{"code":"BIZ_ORDER_NOT_FOUND","message":"no such order"}}})");
    EXPECT_EQ(inside.kind, AckKind::refused);
    EXPECT_TRUE(inside.error.is_order_not_found());
    EXPECT_EQ(read_ack(404, "not found").error.message, "HTTP 404");
    EXPECT_EQ(read_ack(302, "").kind, AckKind::refused);
}

TEST(Ack, ServerFaultsMayBeTriedAgain) {
    for (const int status : {0, 408, 429, 500, 502, 503, 504}) {
        EXPECT_EQ(read_ack(status, "").kind, AckKind::failed) << status;
    }
}

TEST(Ack, OurOwnAreReadBack) {
    EXPECT_EQ(read_ack(200, write_ack()).kind, AckKind::accepted);
    const Ack nack = read_ack(
        200, write_nack(make_error(ErrorCode::biz_order_not_found, "no order X", "/message/order_id")));
    EXPECT_EQ(nack.kind, AckKind::refused);
    EXPECT_EQ(nack.error.paths, "/message/order_id");
}

TEST(Ack, LongSentencesOfOthersAreCutAtACharactersEnd) {
    std::string sentence;
    for (int i = 0; i < 400; ++i) {
        sentence += "\u00e9";  // two bytes each
    }
    sentence.insert(0, "x");
    const json::Value body = json::Object{{"error", json::Object{{"code", "40000"}, {"message", sentence}}}};
    const Ack ack = read_ack(400, json::write(body));
    EXPECT_EQ(ack.error.message, sentence.substr(0, 511));
}

TEST(ErrorCodes, MapToTheNumbersOfOneX) {
    EXPECT_EQ(number_of(ErrorCode::biz_quantity_unavailable), "40002");
    EXPECT_EQ(number_of(ErrorCode::biz_quote_expired_or_changed), "40003");
    EXPECT_EQ(number_of(ErrorCode::biz_order_not_found), "30010");
    EXPECT_EQ(number_of(ErrorCode::biz_item_not_found), "30004");
    EXPECT_EQ(number_of(ErrorCode::pol_cancellation_not_allowed), "50001");
    EXPECT_EQ(number_of(ErrorCode::ctx_transaction_id_unknown), "30000");
    EXPECT_EQ(parse_error_code("30010"), ErrorCode::biz_order_not_found);
    EXPECT_EQ(parse_error_code("POL_UPDATE_NOT_ALLOWED"), ErrorCode::pol_update_not_allowed);
    EXPECT_EQ(parse_error_code("99999"), std::nullopt);
}

TEST(Inbox, TheSameBytesAgainAreARepeatAndOtherBytesAConflict) {
    Inbox inbox;
    EXPECT_EQ(inbox.judge("bpp", Action::on_confirm, "m1", sha256("a")).verdict, InboxVerdict::fresh);
    inbox.remember("bpp", Action::on_confirm, "m1",
                   {.digest = sha256("a"), .accepted = true, .answer = "ACK", .keep_until = wall_noon});
    const Inbox::Seen again = inbox.judge("bpp", Action::on_confirm, "m1", sha256("a"));
    EXPECT_EQ(again.verdict, InboxVerdict::repeat);
    EXPECT_EQ(again.entry->answer, "ACK");
    EXPECT_EQ(inbox.judge("bpp", Action::on_confirm, "m1", sha256("b")).verdict, InboxVerdict::conflict);
    EXPECT_EQ(inbox.judge("bpp", Action::on_status, "m1", sha256("a")).verdict, InboxVerdict::fresh);
    EXPECT_EQ(inbox.judge("other", Action::on_confirm, "m1", sha256("a")).verdict, InboxVerdict::fresh);
}

TEST(Inbox, ForgetsByTimeAndNeverGrowsBeyondItsBound) {
    Inbox inbox(3);
    for (int i = 0; i < 5; ++i) {
        inbox.remember("bpp", Action::on_search, "m" + std::to_string(i),
                       {.digest = {}, .accepted = true, .answer = "", .keep_until = wall_noon + seconds{i}});
    }
    EXPECT_EQ(inbox.size(), 3U);
    EXPECT_EQ(inbox.judge("bpp", Action::on_search, "m0", {}).verdict, InboxVerdict::fresh);
    inbox.forget_before(wall_noon + seconds{4});
    EXPECT_EQ(inbox.size(), 1U);
    EXPECT_EQ(inbox.judge("bpp", Action::on_search, "m4", {}).verdict, InboxVerdict::repeat);
}

Pending pending(const std::string& id, const std::string& peer = "tesla-vpp.example") {
    return {.message_id = id,
            .request = Action::select,
            .transaction_id = context_of(Action::select).transaction_id,
            .peer = peer};
}

Context answer(const std::string& id) {
    Context context = context_of(Action::on_select);
    context.message_id = id;
    return context;
}

TEST(Correlator, MatchesByMessageIdAndAction) {
    Correlator correlator;
    correlator.open(pending("m1"));
    EXPECT_EQ(correlator.match(answer("m1"), "tesla-vpp.example").kind, MatchKind::exact);
    EXPECT_EQ(correlator.match(answer("m1"), "evil.example").kind, MatchKind::mismatch);
    Context other_action = answer("m1");
    other_action.action = Action::on_confirm;
    EXPECT_EQ(correlator.match(other_action, "tesla-vpp.example").kind, MatchKind::mismatch);
    Context other_transaction = answer("m1");
    other_transaction.transaction_id = "another";
    EXPECT_EQ(correlator.match(other_transaction, "tesla-vpp.example").kind, MatchKind::mismatch);
}

TEST(Correlator, TakesANewIdOnlyWhereOneRequestCanBeMeant) {
    Correlator correlator;
    correlator.open(pending("m1"));
    const Match weak = correlator.match(answer("minted-by-the-peer"), "tesla-vpp.example");
    EXPECT_EQ(weak.kind, MatchKind::weak);
    EXPECT_EQ(weak.message_id, "m1");
    correlator.open(pending("m2"));
    EXPECT_EQ(correlator.match(answer("minted-by-the-peer"), "tesla-vpp.example").kind, MatchKind::none);
    Correlator strict(false);
    strict.open(pending("m1"));
    EXPECT_EQ(strict.match(answer("minted-by-the-peer"), "tesla-vpp.example").kind, MatchKind::none);
}

TEST(Correlator, AnAnswerAfterTheDeadlineIsLate) {
    Correlator correlator;
    correlator.open(pending("m1"));
    correlator.close("m1");
    EXPECT_EQ(correlator.match(answer("m1"), "tesla-vpp.example").kind, MatchKind::late);
    EXPECT_TRUE(correlator.open_requests("tesla-vpp.example", Action::select).empty());
}

TEST(Correlator, TheRequestsSignatureDecidesWhereItIsGiven) {
    Correlator correlator(false);
    correlator.open(pending("m1"));
    correlator.open(pending("m2"));
    correlator.add_authorization("m1", "sig-1");
    correlator.add_authorization("m1", "sig-1-again");
    correlator.add_authorization("m2", "sig-2");
    const auto signed_for = [](const std::string& wanted) {
        return [wanted](const std::string& header) { return header == wanted; };
    };
    // A new message id, and even the id of another request: the signature says which one is answered.
    EXPECT_EQ(correlator.match(answer("new"), "tesla-vpp.example", signed_for("sig-1-again")).message_id,
              "m1");
    const Match other = correlator.match(answer("m1"), "tesla-vpp.example", signed_for("sig-2"));
    EXPECT_EQ(other.kind, MatchKind::exact);
    EXPECT_EQ(other.message_id, "m2");
    EXPECT_EQ(correlator.match(answer("m1"), "tesla-vpp.example", signed_for("sig-9")).kind,
              MatchKind::mismatch);
    EXPECT_EQ(correlator.match(answer("m1"), "evil.example", signed_for("sig-1")).kind, MatchKind::mismatch);
    const std::string bytes =
        "{\"message_id\":\"m2\",\"transaction_id\":\"" + pending("m1").transaction_id + "\"}";
    EXPECT_EQ(correlator.authorizations_named_in(bytes, "tesla-vpp.example", 8),
              (std::vector<std::string>{"sig-2", "sig-1-again", "sig-1"}));
    EXPECT_TRUE(correlator.authorizations_named_in(bytes, "evil.example", 8).empty());
    correlator.close("m1");
    EXPECT_EQ(correlator.match(answer("m1"), "tesla-vpp.example", signed_for("sig-1")).kind, MatchKind::late);
}

OutboxEntry kept() {
    OutboxEntry entry;
    entry.message_id = "m1";
    entry.bytes = "{}";
    return entry;
}

TEST(Outbox, SendsAgainAfterAServerFaultUpToItsBound) {
    const OutboxRules rules{.sends_max = 3, .backoff = milliseconds{50}};
    const Ack failed{AckKind::failed, {"", "HTTP 500", ""}};
    auto [entry, effect] = step(kept(), OutboxEvent::start, {}, rules);
    EXPECT_TRUE(effect.send);
    EXPECT_EQ(effect.after, milliseconds{0});
    std::tie(entry, effect) = step(entry, OutboxEvent::answer, failed, rules);
    EXPECT_TRUE(effect.send);
    EXPECT_EQ(effect.after, milliseconds{50});
    std::tie(entry, effect) = step(entry, OutboxEvent::answer, failed, rules);
    EXPECT_TRUE(effect.send);
    EXPECT_EQ(effect.after, milliseconds{100});
    std::tie(entry, effect) = step(entry, OutboxEvent::answer, failed, rules);
    EXPECT_FALSE(effect.send);
    EXPECT_EQ(entry.state, OutboxState::unreachable);
    EXPECT_EQ(entry.error.message, "HTTP 500");
    EXPECT_EQ(entry.sends, 3);
}

TEST(Outbox, NeverSendsAgainAfterAnAck) {
    const OutboxRules rules;
    OutboxEntry entry = step(kept(), OutboxEvent::start, {}, rules).first;
    entry = step(entry, OutboxEvent::answer, {AckKind::accepted, {}}, rules).first;
    EXPECT_EQ(entry.state, OutboxState::accepted);
    EXPECT_FALSE(step(entry, OutboxEvent::start, {}, rules).second.send);
    EXPECT_FALSE(step(entry, OutboxEvent::answer, {AckKind::failed, {}}, rules).second.send);
    entry = step(entry, OutboxEvent::callback, {}, rules).first;
    EXPECT_EQ(entry.state, OutboxState::answered);
    entry = step(entry, OutboxEvent::deadline, {}, rules).first;
    EXPECT_EQ(entry.state, OutboxState::answered);
}

TEST(Outbox, ARefusalSettlesIt) {
    const OutboxRules rules;
    OutboxEntry entry = step(kept(), OutboxEvent::start, {}, rules).first;
    entry = step(entry, OutboxEvent::answer, {AckKind::refused, {"40000", "no", ""}}, rules).first;
    EXPECT_EQ(entry.state, OutboxState::refused);
    EXPECT_TRUE(is_settled(entry.state));
    for (const OutboxState state : {OutboxState::kept, OutboxState::unreachable, OutboxState::expired}) {
        EXPECT_EQ(parse_outbox_state(to_string(state)), state);
    }
}

TEST(Capture, LineHoldsTheExactBytes) {
    const std::string raw = *encode(Envelope{.version = WireVersion::v11,
                                             .context = context_of(Action::status),
                                             .message = StatusRequest{"ORD-1"},
                                             .error = {}});
    const std::string line = capture_line({.action = "status",
                                           .raw = raw,
                                           .authorization = "Signature x",
                                           .received_at = wall_noon,
                                           .public_key = {}});
    EXPECT_EQ(line.find('\n'), std::string::npos);
    const json::Value parsed = json::parse(line).value();
    EXPECT_EQ(parsed.text("/raw"), raw);
    EXPECT_EQ(parsed.text("/version"), "1.1.0");
    EXPECT_EQ(parsed.text("/body/message/order_id"), "ORD-1");
    EXPECT_EQ(parsed.text("/headers/authorization"), "Signature x");
    EXPECT_EQ(parsed.integer("/received_at"), 1'795'176'000);
}

TEST(FlightToken, IsTheSameForRequestAndCallback) {
    EXPECT_EQ(flight_token("m1", Action::select), flight_token("m1", Action::on_select));
    EXPECT_NE(flight_token("m1", Action::select), flight_token("m1", Action::on_init));
}

}  // namespace
}  // namespace headroom::beckn
