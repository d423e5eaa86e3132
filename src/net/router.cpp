#include "net/router.hpp"

namespace headroom::net {
namespace {

struct Segment {
    enum class Kind { literal, parameter, rest } kind = Kind::literal;
    std::string text;
};

/// "/a/{id}/{path...}" as its segments; what is malformed here was written by us.
std::vector<Segment> parse_pattern(const std::string& pattern) {
    HEADROOM_ASSERT(!pattern.empty() && pattern[0] == '/');
    std::vector<Segment> segments;
    std::size_t at = 1;
    while (at < pattern.size()) {
        const std::size_t end = std::min(pattern.find('/', at), pattern.size());
        std::string text = pattern.substr(at, end - at);
        Segment::Kind kind = Segment::Kind::literal;
        if (!text.empty() && text.front() == '{') {
            HEADROOM_ASSERT(text.size() > 2 && text.back() == '}');
            text = text.substr(1, text.size() - 2);
            kind = Segment::Kind::parameter;
            if (text.ends_with("...")) {
                text.resize(text.size() - 3);
                kind = Segment::Kind::rest;
                HEADROOM_ASSERT(end == pattern.size());
            }
            HEADROOM_ASSERT(!text.empty());
        }
        segments.push_back({kind, std::move(text)});
        at = end + 1;
    }
    if (pattern.size() > 1 && pattern.back() == '/') {
        segments.push_back({Segment::Kind::literal, ""});
    }
    return segments;
}

std::string join(const std::vector<std::string>& segments, std::size_t from) {
    std::string out;
    for (std::size_t i = from; i < segments.size(); ++i) {
        out += (i == from ? "" : "/") + segments[i];
    }
    return out;
}

}  // namespace

void Router::add(std::unique_ptr<Route> route) {
    Node* node = &root_;
    bool literal = true;
    bool rest = false;
    for (Segment& segment : parse_pattern(route->info.pattern)) {
        switch (segment.kind) {
            case Segment::Kind::literal: {
                auto& next = node->literals[segment.text];
                next = next ? std::move(next) : std::make_unique<Node>();
                node = next.get();
                break;
            }
            case Segment::Kind::parameter:
                literal = false;
                route->parameters.push_back(std::move(segment.text));
                node->parameter = node->parameter ? std::move(node->parameter) : std::make_unique<Node>();
                node = node->parameter.get();
                break;
            case Segment::Kind::rest:
                literal = false;
                route->parameters.push_back(std::move(segment.text));
                rest = true;
                break;
        }
    }
    ByMethod& methods = rest ? node->rest : node->here;
    HEADROOM_ASSERT(methods.emplace(route->info.method, route.get()).second);
    if (literal) {
        literal_[route->info.pattern].emplace(route->info.method, route.get());
    }
    routes_.push_back(std::move(route));
}

const Router::ByMethod* Router::walk(const Node& node, const std::vector<std::string>& segments,
                                     std::size_t depth, std::vector<std::string>& values) {
    if (depth == segments.size()) {
        if (!node.here.empty()) {
            return &node.here;
        }
    } else {
        const auto literal = node.literals.find(segments[depth]);
        if (literal != node.literals.end()) {
            if (const ByMethod* found = walk(*literal->second, segments, depth + 1, values)) {
                return found;
            }
        }
        if (node.parameter && !segments[depth].empty()) {
            values.push_back(segments[depth]);
            if (const ByMethod* found = walk(*node.parameter, segments, depth + 1, values)) {
                return found;
            }
            values.pop_back();
        }
    }
    if (!node.rest.empty()) {
        values.push_back(join(segments, depth));
        return &node.rest;
    }
    return nullptr;
}

const Route* Router::pick(const ByMethod& methods, const std::string& method) {
    const bool head = method == "HEAD";
    const auto found = methods.find(method);
    if (found != methods.end()) {
        return found->second;
    }
    const auto get = head ? methods.find("GET") : methods.end();
    return get != methods.end() && get->second->info.kind == RouteKind::plain ? get->second : nullptr;
}

std::string Router::allow(const ByMethod& methods) {
    std::string out;
    for (const auto& [method, route] : methods) {
        out += (out.empty() ? "" : ", ") + method;
        if (method == "GET" && route->info.kind == RouteKind::plain && !methods.contains("HEAD")) {
            out += ", HEAD";
        }
    }
    return out + (methods.contains("OPTIONS") ? "" : ", OPTIONS");
}

Result<Router::Match> Router::find(const std::string& method, const std::string& path) const {
    Match match;
    const auto literal = literal_.find(path);
    if (literal != literal_.end()) {
        match.route = pick(literal->second, method);
        if (match.route == nullptr) {
            match.allow = allow(literal->second);
        }
        return match;
    }
    const auto segments = split_path(path);
    if (!segments) {
        return segments.error();
    }
    std::vector<std::string> values;
    const ByMethod* methods = walk(root_, *segments, 0, values);
    if (methods == nullptr) {
        return match;
    }
    match.route = pick(*methods, method);
    if (match.route == nullptr) {
        match.allow = allow(*methods);
        return match;
    }
    HEADROOM_ASSERT(values.size() == match.route->parameters.size());
    for (std::size_t i = 0; i < values.size(); ++i) {
        match.parameters.emplace(match.route->parameters[i], std::move(values[i]));
    }
    return match;
}

}  // namespace headroom::net
