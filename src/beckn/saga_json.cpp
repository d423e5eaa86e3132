#include "beckn/saga.hpp"
#include "core/json_object.hpp"
#include "core/object_reader.hpp"

#include <algorithm>
#include <array>

namespace headroom::beckn {

namespace {

constexpr std::array<std::string_view, 16> saga_step_words{
    "idle",   "selecting",  "quoted",    "initing",    "inited",    "confirming", "checking", "withdrawing",
    "active", "activating", "activated", "cancelling", "completed", "cancelled",  "failed",   "unknown"};
static_assert(static_cast<std::size_t>(SagaStep::unknown) + 1 == saga_step_words.size());
constexpr std::int64_t rounds_max = 1'000'000;
constexpr std::int64_t exact_integer_max = 9'007'199'254'740'991;

}  // namespace

std::string_view to_string(SagaStep step) {
    return saga_step_words[static_cast<std::size_t>(step)];
}

std::optional<SagaStep> parse_saga_step(std::string_view text) {
    const auto* const found = std::find(saga_step_words.begin(), saga_step_words.end(), text);
    if (found == saga_step_words.end()) {
        return std::nullopt;
    }
    return static_cast<SagaStep>(found - saga_step_words.begin());
}

json::Value to_json(const Saga& saga) {
    json::Object rounds;
    for (const auto& [action, count] : saga.rounds) {
        rounds.set(std::string(to_string(action)), count);
    }
    json::Object object = json::object({{"contract", flex::to_json(saga.contract)},
                                        {"step", to_string(saga.step)},
                                        {"provider_ref", saga.provider_ref},
                                        {"order_ref", saga.order_ref},
                                        {"quoted_micro_pounds", saga.quoted.value},
                                        {"confirm_sent", saga.confirm_sent},
                                        {"was_activated", saga.was_activated},
                                        {"asked", saga.asked ? to_string(*saga.asked) : std::string_view()},
                                        {"rounds", std::move(rounds)}});
    if (saga.quote_until) {
        object.set("quote_until", format_utc(*saga.quote_until));
    }
    if (saga.status_at) {
        object.set("status_at", format_utc(*saga.status_at));
    }
    if (saga.cancel_owed) {
        object.set("cancel_owed", true);
    }
    return object;
}

Result<Saga> saga_from_json(const json::Value& value) {
    json::ObjectReader read(value);
    Saga saga;
    saga.contract = read.take("contract", flex::contract_from_json(read.value("contract")));
    saga.step = read.word("step", parse_saga_step);
    saga.provider_ref = read.text("provider_ref", 128);
    saga.order_ref = read.text("order_ref", 128);
    saga.quoted = MicroPounds{read.integer("quoted_micro_pounds", 0, exact_integer_max)};
    saga.confirm_sent = read.boolean("confirm_sent");
    saga.was_activated = read.boolean("was_activated");
    if (!read.text_or_empty("asked", 16).empty()) {
        saga.asked = read.word("asked", parse_action);
    }
    if (read.has("quote_until")) {
        saga.quote_until = read.time("quote_until");
    }
    if (read.has("status_at")) {
        saga.status_at = read.time("status_at");
    }
    saga.cancel_owed = read.has("cancel_owed") && read.boolean("cancel_owed");
    const json::Object* rounds = read.value("rounds").as_object();
    if (read.ok() && rounds == nullptr) {
        read.refuse("rounds", "must be an object");
    }
    for (const auto& [word, count] :
         rounds != nullptr ? rounds->members() : std::vector<json::Object::Member>{}) {
        const std::optional<Action> action = parse_action(word);
        const std::optional<std::int64_t> number = count.as_int();
        if (!action || !number || *number < 0 || *number > rounds_max) {
            read.refuse("rounds", "must hold counts by action");
            break;
        }
        saga.rounds[*action] = *number;
    }
    read.refuse_unknown();
    if (!read.ok()) {
        return read.error();
    }
    return saga;
}

}  // namespace headroom::beckn
