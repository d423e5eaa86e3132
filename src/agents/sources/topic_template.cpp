#include "agents/sources/topic_template.hpp"

#include "core/ids.hpp"

#include <algorithm>

namespace headroom::agents {
namespace {

constexpr std::size_t bytes_max = 1024;
constexpr std::size_t levels_max = 32;

Error bad(std::string_view text, const std::string& why) {
    return Error{Errc::invalid, "topic template '" + std::string(text) + "' " + why, {}};
}

/// Takes the first level off `rest`.
std::string_view take_level(std::string_view& rest, bool& is_last) {
    const std::size_t slash = rest.find('/');
    is_last = slash == std::string_view::npos;
    const std::string_view level = rest.substr(0, slash);
    rest = is_last ? std::string_view{} : rest.substr(slash + 1);
    return level;
}

}  // namespace

Result<TopicTemplate> TopicTemplate::parse(std::string_view text) {
    if (text.empty() || text.size() > bytes_max || text.find('\0') != std::string_view::npos) {
        return bad(text, "must have 1 to 1024 bytes");
    }
    TopicTemplate out;
    std::string_view rest = text;
    for (bool is_last = false; !is_last;) {
        const std::string_view level = take_level(rest, is_last);
        const Kind kind = level == "{feeder}"  ? Kind::feeder
                          : level == "{phase}" ? Kind::phase
                          : level == "+"       ? Kind::any
                          : level == "#"       ? Kind::rest
                                               : Kind::text;
        if (kind == Kind::rest && !is_last) {
            return bad(text, "may have # as its last level only");
        }
        if (kind == Kind::text && level.find_first_of("{}+#") != std::string_view::npos) {
            return bad(text, "knows {feeder}, {phase}, + and #, each as a whole level");
        }
        if ((kind == Kind::feeder || kind == Kind::phase) && out.has(kind)) {
            return bad(text, "names " + std::string(level) + " twice");
        }
        out.levels_.push_back({kind, kind == Kind::text ? std::string(level) : std::string{}});
    }
    if (out.levels_.size() > levels_max) {
        return bad(text, "has more than 32 levels");
    }
    if (out.has(Kind::phase) && !out.has(Kind::feeder)) {
        return bad(text, "names a phase and no feeder");
    }
    return out;
}

bool TopicTemplate::has(Kind kind) const {
    return std::any_of(levels_.begin(), levels_.end(),
                       [&](const Level& level) { return level.kind == kind; });
}

bool TopicTemplate::names_feeder() const {
    return has(Kind::feeder);
}

bool TopicTemplate::names_phase() const {
    return has(Kind::phase);
}

std::string TopicTemplate::filter() const {
    std::string out;
    for (const Level& level : levels_) {
        if (&level != &levels_.front()) {
            out += '/';
        }
        out += level.kind == Kind::text ? level.text : level.kind == Kind::rest ? "#" : "+";
    }
    return out;
}

std::optional<TopicNames> TopicTemplate::match(std::string_view topic) const {
    TopicNames names;
    std::string_view rest = topic;
    bool is_last = false;
    for (const Level& level : levels_) {
        if (level.kind == Kind::rest) {
            return names;  // also where nothing is left: MQTT's # means the level above it, too
        }
        if (is_last) {
            return std::nullopt;
        }
        const std::string_view text = take_level(rest, is_last);
        if (level.kind == Kind::text && text != level.text) {
            return std::nullopt;
        }
        if (level.kind == Kind::feeder) {
            if (!is_valid_id(text)) {
                return std::nullopt;
            }
            names.feeder = text;
        }
        if (level.kind == Kind::phase) {
            const std::optional<grid::Phase> phase = grid::parse_phase(text);
            if (!phase) {
                return std::nullopt;
            }
            names.phase = *phase;
        }
    }
    return is_last ? std::optional(names) : std::nullopt;
}

Result<std::string> TopicTemplate::topic_of(std::string_view feeder, grid::Phase phase) const {
    std::string out;
    for (const Level& level : levels_) {
        if (&level != &levels_.front()) {
            out += '/';
        }
        switch (level.kind) {
            case Kind::text:
                out += level.text;
                break;
            case Kind::feeder:
                out += feeder;
                break;
            case Kind::phase:
                out += grid::to_string(phase);
                break;
            case Kind::any:
            case Kind::rest:
                return Error{Errc::invalid,
                             "the topic " + filter() + " has a wildcard: nothing can be published on it",
                             {}};
        }
    }
    return out;
}

}  // namespace headroom::agents
