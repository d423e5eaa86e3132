#include "flex/rule_file.hpp"

#include "core/reflect_schema.hpp"
#include "core/settings_tree.hpp"
#include "grid/envelope_product.hpp"

#include <fmt/format.h>

#include <array>

namespace headroom::flex {

/// What the file has beside the book.
struct BesideTheBook {
    std::vector<grid::NewEnvelope> envelopes = {};
    WeekAheadRules week_ahead = {};
};

}  // namespace headroom::flex

namespace headroom {

template <>
struct Fields<flex::BesideTheBook> {
    using T = flex::BesideTheBook;
    static constexpr std::string_view name = "BesideTheBook";
    static constexpr auto table = field_table(
        field("envelopes", &T::envelopes, "What Headroom may do by itself, within which bounds.",
              {.maximum = 1'000, .required = false}),
        field("week_ahead", &T::week_ahead, "Overloads beyond the live forecasts.", {.required = false}));
};

}  // namespace headroom

namespace headroom::flex {
namespace {

constexpr std::array<const char*, 2> beside_keys{"envelopes", "week_ahead"};

/// The book's schema with what stands beside it among its properties.
json::Value file_schema() {
    json::Object schema = json_schema<RuleBook>();
    const json::Object beside = json_schema<BesideTheBook>();
    json::Object properties = *schema.find("properties")->as_object();
    for (const char* key : beside_keys) {
        properties.set(key, *beside.find("properties")->get(key));
    }
    schema.set("properties", std::move(properties));
    return schema;
}

std::vector<std::string> envelope_faults(const RuleFile& file) {
    std::vector<std::string> faults;
    for (std::size_t i = 0; i < file.envelopes.size(); ++i) {
        const grid::NewEnvelope& each = file.envelopes[i];
        const auto wrong = [&](std::string why) {
            faults.push_back(fmt::format("envelope {}: {}", each.id, why));
        };
        if (!is_valid_id(each.id)) {
            wrong("an id has 1 to 64 of A-Z a-z 0-9 . _ - and begins with a letter or digit");
        }
        if (const Result<grid::AuthorityEnvelope> envelope = grid::envelope_of(each); !envelope) {
            wrong(envelope.error().message);
        }
        if (!grid::is_envelope_product(each.product)) {
            wrong("'" + each.product + "' is neither armed, spot nor week_ahead");
        }
        if (each.until <= each.from) {
            wrong("until must be later than from");
        }
        for (std::size_t k = i + 1; k < file.envelopes.size(); ++k) {
            if (file.envelopes[k].id == each.id) {
                faults.push_back(fmt::format("envelopes {} and {} contradict each other: both are {}", i + 1,
                                             k + 1, each.id));
            }
        }
    }
    return faults;
}

}  // namespace

Result<RuleFile> read_rule_file(std::string_view text, const std::string& file) {
    json::Value defaults = to_json(RuleFile{});
    for (const char* said : {"id", "version", "probability"}) {
        defaults.as_object()->erase(said);
    }
    SettingsTree tree(file_schema(), *defaults.as_object());
    tree.add_toml(text, file);
    json::Object of_book = *tree.values().as_object();
    json::Object beside;
    for (const char* key : beside_keys) {
        beside.set(key, *of_book.find(key));
        of_book.erase(key);
    }
    std::vector<Fault> faults;
    std::optional<RuleBook> book = read_json<RuleBook>(json::Value(std::move(of_book)), faults);
    std::optional<BesideTheBook> more = read_json<BesideTheBook>(json::Value(std::move(beside)), faults);
    for (Fault& fault : faults) {
        tree.add_fault(fault.pointer, std::move(fault.detail));
    }
    std::optional<RuleFile> read;
    if (book && more) {
        static_cast<RuleBook&>(read.emplace()) = std::move(*book);
        read->envelopes = std::move(more->envelopes);
        read->week_ahead = more->week_ahead;
    }
    std::string message;
    for (const SettingsFault& fault : tree.faults()) {
        message += (message.empty() ? "" : "\n") + fault.sentence();
    }
    if (read && message.empty()) {
        std::vector<std::string> all = contradictions(*read);
        const std::vector<std::string> of_envelopes = envelope_faults(*read);
        all.insert(all.end(), of_envelopes.begin(), of_envelopes.end());
        if (read->week_ahead.is_on && !read->arming.is_on) {
            all.emplace_back(
                "week_ahead.is_on and arming.is_on = false contradict each other: what is seen a week ahead "
                "is "
                "weighed before it is armed for");
        }
        for (const std::string& fault : all) {
            message.append(message.empty() ? "" : "\n").append(file).append(": ").append(fault);
        }
    }
    if (!read || !message.empty()) {
        return Error{Errc::invalid, std::move(message)};
    }
    return std::move(*read);
}

Result<RuleBook> read_rules(std::string_view text, const std::string& file) {
    Result<RuleFile> read = read_rule_file(text, file);
    return read ? Result<RuleBook>(std::move(static_cast<RuleBook&>(*read))) : read.error();
}

json::Value to_json(const RuleFile& file) {
    json::Value out = headroom::to_json(static_cast<const RuleBook&>(file));
    const json::Value beside = headroom::to_json(BesideTheBook{file.envelopes, file.week_ahead});
    for (const char* key : beside_keys) {
        out.as_object()->set(key, *beside.get(key));
    }
    return out;
}

std::vector<grid::AuthorityEnvelope> envelopes_of(const RuleFile& file) {
    std::vector<grid::AuthorityEnvelope> out;
    for (const grid::NewEnvelope& each : file.envelopes) {
        Result<grid::AuthorityEnvelope> envelope = grid::envelope_of(each);
        HEADROOM_ASSERT(envelope.has_value());  // of a file that was read
        out.push_back(std::move(*envelope));
    }
    return out;
}

}  // namespace headroom::flex
