#include "app/operator_rules.hpp"

#include "agents/flex_orchestration.hpp"
#include "core/log.hpp"
#include "core/settings.hpp"
#include "flex/rule_file.hpp"

#include <algorithm>
#include <utility>

namespace headroom::app {
namespace {

constexpr std::string_view by_rules = "rules ";

const grid::AuthorityEnvelope* find_id(const std::vector<grid::AuthorityEnvelope>& all,
                                       const std::string& id) {
    const auto found =
        std::find_if(all.begin(), all.end(), [&id](const auto& each) { return each.id == id; });
    return found == all.end() ? nullptr : &*found;
}

Caller caller_of(const std::string& name, std::string reason) {
    Caller caller;
    caller.id = std::string(by_rules) + name;
    caller.kind = "system";
    caller.reason = std::move(reason);
    return caller;
}

}  // namespace

Result<OperatorRules> operator_rules(const RulesSettings& settings) {
    constexpr std::size_t bytes_max = 1UL << 20U;
    if (settings.file.empty()) {
        return OperatorRules{};
    }
    const Result<std::string> text = read_settings_file(settings.file, bytes_max);
    if (!text) {
        return Error{text.error().code, "rules.file: " + settings.file + " " + text.error().message};
    }
    Result<flex::RuleFile> file = flex::read_rule_file(*text, settings.file);
    if (!file) {
        return Error{file.error().code, "rules.file: " + file.error().message +
                                            ". Remedy: headroom rules test " + settings.file};
    }
    OperatorRules out;
    out.envelopes = flex::envelopes_of(*file);
    out.week_ahead = file->week_ahead;
    out.book = std::make_shared<const flex::RuleBook>(std::move(static_cast<flex::RuleBook&>(*file)));
    return out;
}

EnvelopeChanges envelope_changes(const std::vector<grid::AuthorityEnvelope>& standing,
                                 const std::vector<grid::AuthorityEnvelope>& wanted,
                                 const std::string& name) {
    EnvelopeChanges out;
    for (const grid::AuthorityEnvelope& each : wanted) {
        const grid::AuthorityEnvelope* now = find_id(standing, each.id);
        if (now != nullptr && !now->granted_by.starts_with(by_rules) && !now->revoked) {
            out.left_alone.push_back(each.id);
        } else if (now == nullptr || now->granted_by != std::string(by_rules) + name) {
            out.grant.push_back(each);
        }
    }
    for (const grid::AuthorityEnvelope& each : standing) {
        if (each.granted_by.starts_with(by_rules) && !each.revoked && find_id(wanted, each.id) == nullptr) {
            out.revoke.push_back(each.id);
        }
    }
    return out;
}

Awaitable<Result<void>> keep_envelopes(agents::FlexOrchestration& orchestration, const grid::Network& network,
                                       OperatorRules rules) {
    const std::string name = rules.book == nullptr ? "none" : rules.book->name();
    for (const grid::AuthorityEnvelope& each : rules.envelopes) {
        if (!each.asset.empty() && network.feeder(each.asset) == nullptr &&
            network.substation(each.asset) == nullptr) {
            co_return Error{Errc::invalid,
                            "rules.file: envelope " + each.id + ": no feeder or substation " + each.asset};
        }
    }
    EnvelopeChanges changes = envelope_changes(orchestration.envelopes(), rules.envelopes, name);
    for (const std::string& id : changes.left_alone) {
        log::warn("a person has granted an envelope of this id: that of the rules file waits",
                  {{"envelope", id}});
    }
    for (grid::AuthorityEnvelope& each : changes.grant) {
        Caller caller = caller_of(name, "the operator's rules grant it");
        const Result<void> granted = co_await orchestration.grant(std::move(each), std::move(caller));
        if (!granted) {
            co_return granted;
        }
    }
    for (std::string& id : changes.revoke) {
        Caller caller = caller_of(name, "the operator's rules grant it no more");
        const Result<void> revoked = co_await orchestration.revoke(std::move(id), std::move(caller));
        if (!revoked) {
            co_return revoked;
        }
    }
    co_return Result<void>{};
}

}  // namespace headroom::app
