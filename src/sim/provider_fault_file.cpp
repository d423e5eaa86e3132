#include "sim/provider_fault_file.hpp"

#include "core/reflect_json.hpp"
#include "core/reflect_schema.hpp"
#include "core/settings_tree.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace headroom::sim::fault_tables {

struct Sizes {
    std::int64_t delay_max_ms = FaultSizes{}.delay_max.count();
    std::int64_t reorder_by_ms = FaultSizes{}.reorder_by.count();
    std::int64_t late_by_ms = FaultSizes{}.late_by.count();
    std::int64_t hang_ms = FaultSizes{}.hang.count();
    std::int64_t skew_ms = FaultSizes{}.skew.count();
    std::int64_t quote_ttl_ms = FaultSizes{}.quote_ttl.count();
    std::int64_t unsolicited_after_ms = FaultSizes{}.unsolicited_after.count();
    double commit_share_min = 0.3;
    double commit_share_max = 0.9;
    double quote_rise = 0.1;
    double deliver_share = 0.6;
    std::int64_t huge_items = FaultSizes{}.huge_items;
    std::int64_t bad_items = FaultSizes{}.bad_items;
    std::int64_t sends_failed_max = FaultSizes{}.sends_failed_max;
};
struct Rule {
    std::string kind;
    double chance = 1.0;
    std::string provider;
    std::string action;
};
struct File {
    std::optional<std::uint64_t> seed;
    Sizes sizes;
    std::vector<Rule> fault;
};

}  // namespace headroom::sim::fault_tables

namespace headroom {

template <>
struct Fields<sim::fault_tables::Sizes> {
    using T = sim::fault_tables::Sizes;
    static constexpr std::string_view name = "FaultSizes";
    static constexpr FieldOptions ms{.unit = "ms", .minimum = 0, .maximum = 3'600'000, .required = false};
    static constexpr FieldOptions share{.minimum = 0, .maximum = 1, .required = false};
    static constexpr auto table = field_table(
        field("delay_max_ms", &T::delay_max_ms, "A delay is drawn up to this.", ms),
        field("reorder_by_ms", &T::reorder_by_ms, "How long a callback is held back.", ms),
        field("late_by_ms", &T::late_by_ms, "Beyond the ttl of the request.", ms),
        field("hang_ms", &T::hang_ms, "Before the answer to a request that times out.", ms),
        field("skew_ms", &T::skew_ms, "How far the provider's clock runs ahead.", ms),
        field("quote_ttl_ms", &T::quote_ttl_ms, "Life of a quote that expires early.", ms),
        field("unsolicited_after_ms", &T::unsolicited_after_ms, "After on_confirm.", ms),
        field("commit_share_min", &T::commit_share_min, "Least share of a partial commitment.", share),
        field("commit_share_max", &T::commit_share_max, "Largest share of it.", share),
        field("quote_rise", &T::quote_rise, "How much dearer on_init is.",
              {.minimum = 0, .maximum = 100, .required = false}),
        field("deliver_share", &T::deliver_share, "Share delivered where there is under-delivery.", share),
        field("huge_items", &T::huge_items, "Items of a huge catalogue.",
              {.minimum = 1, .maximum = 100'000, .required = false}),
        field("bad_items", &T::bad_items, "Items that cannot be read.",
              {.minimum = 1, .maximum = 1'000, .required = false}),
        field("sends_failed_max", &T::sends_failed_max, "So many sends of one message fail at most.",
              {.minimum = 1, .maximum = 1'000'000, .required = false}));
};
template <>
struct Fields<sim::fault_tables::Rule> {
    using T = sim::fault_tables::Rule;
    static constexpr std::string_view name = "FaultRule";
    static constexpr auto table = field_table(
        field("kind", &T::kind, "What goes wrong; all for every kind.", {.minimum = 1, .maximum = 32}),
        field("chance", &T::chance, "Of each message that it concerns.",
              {.minimum = 0, .maximum = 1, .required = false}),
        field("provider", &T::provider, "Short id; left out: every provider.",
              {.maximum = 64, .required = false}),
        field("action", &T::action, "This request only.", {.maximum = 16, .required = false}));
};
template <>
struct Fields<sim::fault_tables::File> {
    using T = sim::fault_tables::File;
    static constexpr std::string_view name = "FaultFile";
    static constexpr auto table =
        field_table(field("seed", &T::seed, "Seed of the faults.", {.required = false}),
                    field("sizes", &T::sizes, "How large they are.", {.required = false}),
                    field("fault", &T::fault, "What goes wrong.", {.maximum = 1'000, .required = false}));
};

}  // namespace headroom

namespace headroom::sim {

namespace {

constexpr std::size_t file_bytes_max = 256UL * 1024;

std::int64_t ppm_of(double share) {
    return std::llround(share * 1e6);
}

FaultSizes sizes_of(const fault_tables::Sizes& table) {
    return {.delay_max = milliseconds{table.delay_max_ms},
            .reorder_by = milliseconds{table.reorder_by_ms},
            .late_by = milliseconds{table.late_by_ms},
            .hang = milliseconds{table.hang_ms},
            .skew = milliseconds{table.skew_ms},
            .quote_ttl = milliseconds{table.quote_ttl_ms},
            .unsolicited_after = milliseconds{table.unsolicited_after_ms},
            .commit_ppm_min = ppm_of(table.commit_share_min),
            .commit_ppm_max = ppm_of(table.commit_share_max),
            .quote_rise_ppm = ppm_of(table.quote_rise),
            .deliver_ppm = ppm_of(table.deliver_share),
            .huge_items = table.huge_items,
            .bad_items = table.bad_items,
            .sends_failed_max = table.sends_failed_max};
}

}  // namespace

Result<FaultFile> read_fault_file(std::string_view toml, const std::string& file) {
    if (toml.size() > file_bytes_max) {
        return Error{Errc::invalid, file + ": is longer than " + std::to_string(file_bytes_max) + " bytes"};
    }
    const json::Value defaults = headroom::to_json(fault_tables::File{});
    SettingsTree tree(json::Value(json_schema<fault_tables::File>()), *defaults.as_object());
    tree.add_toml(toml, file);
    std::vector<Fault> faults;
    const std::optional<fault_tables::File> tables = read_json<fault_tables::File>(tree.values(), faults);
    for (Fault& fault : faults) {
        tree.add_fault(fault.pointer, std::move(fault.detail));
    }
    FaultFile read;
    for (std::size_t i = 0; tables && i < tables->fault.size(); ++i) {
        const fault_tables::Rule& table = tables->fault[i];
        const Result<std::vector<FaultRule>> rules =
            parse_fault_rule(table.action.empty() ? table.kind : table.action + ":" + table.kind);
        if (!rules) {
            tree.add_fault("/fault/" + std::to_string(i) + "/kind", rules.error().message);
            continue;
        }
        for (FaultRule rule : *rules) {
            rule.chance_ppm = ppm_of(table.chance);
            read.faults.push_back({table.provider, rule});
        }
    }
    if (tables && tables->sizes.commit_share_min > tables->sizes.commit_share_max) {
        tree.add_fault("/sizes/commit_share_max", "is less than commit_share_min");
    }
    if (!tables || !tree.faults().empty()) {
        std::string message;
        for (const SettingsFault& fault : tree.faults()) {
            message += (message.empty() ? "" : "\n") + fault.sentence();
        }
        return Error{Errc::invalid, std::move(message)};
    }
    read.seed = tables->seed;
    read.sizes = sizes_of(tables->sizes);
    return read;
}

Result<void> apply_faults(const FaultFile& file, std::vector<ProviderSpec>& providers) {
    for (ProviderSpec& spec : providers) {
        spec.faults.sizes = file.sizes;
    }
    for (const ListedFault& fault : file.faults) {
        bool is_known = fault.provider.empty();
        for (ProviderSpec& spec : providers) {
            if (fault.provider.empty() || fault.provider == spec.id) {
                is_known = true;
                spec.faults.rules.push_back(fault.rule);
            }
        }
        if (!is_known) {
            return Error{Errc::invalid, "fault " + std::string(to_string(fault.rule.kind)) +
                                            ": there is no provider " + fault.provider};
        }
    }
    return {};
}

}  // namespace headroom::sim
