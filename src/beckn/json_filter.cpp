#include "beckn/json_filter.hpp"

#include "beckn/json_filter_node.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>

namespace headroom::beckn {

namespace {

using Node = JsonFilter::Node;
using Step = JsonFilterStep;

constexpr std::size_t parts_max = 32;
constexpr std::size_t depth_max = 16;
constexpr std::size_t steps_max = 16;

bool is_name_byte(char c) {
    const bool is_letter =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == ':' || c == '-';
    return is_letter || (c >= '0' && c <= '9') || static_cast<unsigned char>(c) >= 0x80;
}

/// Reads from front to back; the first fault ends it.
class Reader {
  public:
    explicit Reader(std::string_view text) : text_(text) {}

    Result<Node> read() {
        std::optional<Node> root = expression();
        if (fault_) {
            return *fault_;
        }
        return std::move(*root);
    }

  private:
    /// What stands before the filter is not looked at: every item is asked.
    std::optional<Node> expression() {
        skip_blanks();
        if (!take('$')) {
            return refuse("expected '$'");
        }
        while (true) {
            skip_blanks();
            if (take("[?")) {
                break;
            }
            if (!step()) {
                return refuse("expected a filter '[?…]' behind names and wildcards");
            }
        }
        std::optional<Node> root = any_of(0);
        skip_blanks();
        if (!fault_ && !take(']')) {
            return refuse("expected ']' behind the filter");
        }
        skip_blanks();
        if (!fault_ && at_ != text_.size()) {
            return refuse("expected the end behind the filter", Errc::unsupported);
        }
        return root;
    }

    std::optional<Node> any_of(std::size_t depth) { return joined(Node::Kind::any_of, "||", depth); }

    /// Parts with "||" between them, of parts with "&&" between them.
    std::optional<Node> joined(Node::Kind kind, std::string_view sign, std::size_t depth) {
        Node node{.kind = kind, .order = {}, .parts = {}, .left = {}, .right = {}};
        while (true) {
            std::optional<Node> part =
                kind == Node::Kind::any_of ? joined(Node::Kind::all_of, "&&", depth) : basic(depth);
            if (!part) {
                return std::nullopt;
            }
            node.parts.push_back(std::move(*part));
            skip_blanks();
            if (!take(sign)) {
                return node.parts.size() == 1 ? std::move(node.parts.front()) : std::move(node);
            }
        }
    }

    std::optional<Node> basic(std::size_t depth) {
        if (++parts_ > parts_max || depth > depth_max) {
            return refuse("it has too many parts, or nests too deep", Errc::unsupported);
        }
        skip_blanks();
        if (starts_with("!") && !starts_with("!=")) {
            ++at_;
            std::optional<Node> part = basic(depth + 1);
            if (!part) {
                return std::nullopt;
            }
            Node node{.kind = Node::Kind::negation, .order = {}, .parts = {}, .left = {}, .right = {}};
            node.parts.push_back(std::move(*part));
            return node;
        }
        if (take('(')) {
            std::optional<Node> inner = any_of(depth + 1);
            skip_blanks();
            if (inner && !take(')')) {
                return refuse("expected ')'");
            }
            return inner;
        }
        return comparison();
    }

    std::optional<Node> comparison() {
        std::optional<Node::Operand> left = operand();
        if (!left) {
            return std::nullopt;
        }
        Node node{
            .kind = Node::Kind::exists, .order = {}, .parts = {}, .left = std::move(*left), .right = {}};
        skip_blanks();
        using Order = Node::Order;
        // The longer signs first.
        constexpr std::array<std::pair<std::string_view, Order>, 7> signs{{{"==", Order::equal},
                                                                           {"!=", Order::unequal},
                                                                           {"<=", Order::less_equal},
                                                                           {">=", Order::greater_equal},
                                                                           {"<", Order::less},
                                                                           {">", Order::greater},
                                                                           {"~", Order::holds}}};
        for (const auto& [sign, order] : signs) {
            if (!take(sign)) {
                continue;
            }
            std::optional<Node::Operand> right = operand();
            if (!right) {
                return std::nullopt;
            }
            node.kind = Node::Kind::compare;
            node.order = order;
            node.right = std::move(*right);
            return node;
        }
        if (!std::holds_alternative<JsonFilterPath>(node.left)) {
            return refuse("expected a comparison with the value");
        }
        return node;
    }

    std::optional<Node::Operand> operand() {
        skip_blanks();
        if (take('@')) {
            JsonFilterPath path;
            while (std::optional<Step> next = step()) {
                path.push_back(std::move(*next));
                if (path.size() > steps_max) {
                    refuse("the path is too long", Errc::unsupported);
                }
            }
            return fault_ ? std::nullopt : std::optional<Node::Operand>(std::move(path));
        }
        if (starts_with("'") || starts_with("\"")) {
            std::optional<std::string> text = quoted();
            return text ? std::optional<Node::Operand>(json::Value(std::move(*text))) : std::nullopt;
        }
        for (const auto& [word, value] :
             {std::pair("true", json::Value(true)), std::pair("false", json::Value(false)),
              std::pair("null", json::Value())}) {
            if (take(word)) {
                return Node::Operand(value);
            }
        }
        return number();
    }

    std::optional<Node::Operand> number() {
        std::size_t end = at_;
        while (end < text_.size() && (std::string_view("+-.eE").find(text_[end]) != std::string_view::npos ||
                                      (text_[end] >= '0' && text_[end] <= '9'))) {
            ++end;
        }
        const Result<json::Value> value = json::parse(text_.substr(at_, end - at_));
        if (end == at_ || !value || !value->is_number()) {
            refuse("expected a path from '@', a text, a number, true, false or null",
                   starts_with("$") || is_function() ? Errc::unsupported : Errc::invalid);
            return std::nullopt;
        }
        at_ = end;
        return Node::Operand(*value);
    }

    [[nodiscard]] bool is_function() const {
        std::size_t end = at_;
        while (end < text_.size() && text_[end] >= 'a' && text_[end] <= 'z') {
            ++end;
        }
        return end > at_ && end < text_.size() && text_[end] == '(';
    }

    /// The next step of a path; nothing where none begins.
    std::optional<Step> step() {
        if (starts_with("..") || fault_) {
            refuse("a descent is not known here", Errc::unsupported);
            return std::nullopt;
        }
        if (take(".*") || take("[*]")) {
            return Step{.kind = Step::Kind::all, .name = {}, .index = 0};
        }
        if (take('.')) {
            std::size_t end = at_;
            while (end < text_.size() && is_name_byte(text_[end])) {
                ++end;
            }
            if (end == at_) {
                refuse("expected a name");
                return std::nullopt;
            }
            const std::string_view name = text_.substr(at_, end - at_);
            at_ = end;
            return Step{.kind = Step::Kind::name, .name = std::string(name), .index = 0};
        }
        if (starts_with("['") || starts_with("[\"")) {
            ++at_;
            std::optional<std::string> name = quoted();
            if (!name || !take(']')) {
                refuse("expected ']' behind a quoted name");
                return std::nullopt;
            }
            return Step{.kind = Step::Kind::name, .name = std::move(*name), .index = 0};
        }
        return index();
    }

    std::optional<Step> index() {
        const std::size_t end = text_.find(']', at_);
        if (!starts_with("[") || starts_with("[?") || end == std::string_view::npos) {
            return std::nullopt;
        }
        const Result<json::Value> number = json::parse(text_.substr(at_ + 1, end - at_ - 1));
        if (!number || !number->is_int()) {
            refuse("expected a name, an index or '*' in the brackets", Errc::unsupported);
            return std::nullopt;
        }
        at_ = end + 1;
        return Step{.kind = Step::Kind::index, .name = {}, .index = *number->as_int()};
    }

    std::optional<std::string> quoted() {
        const char quote = text_[at_++];
        std::string text;
        while (at_ < text_.size() && text_[at_] != quote) {
            if (text_[at_] == '\\' && at_ + 1 < text_.size()) {
                ++at_;
                if (std::string_view("'\"\\/").find(text_[at_]) == std::string_view::npos) {
                    refuse("expected a quote or a backslash behind the backslash", Errc::unsupported);
                    return std::nullopt;
                }
            }
            text += text_[at_++];
        }
        if (at_ == text_.size()) {
            refuse("expected the end of the text");
            return std::nullopt;
        }
        ++at_;
        return text;
    }

    [[nodiscard]] bool starts_with(std::string_view word) const {
        return text_.substr(at_).starts_with(word);
    }
    bool take(std::string_view word) {
        const bool is_there = starts_with(word);
        at_ += is_there ? word.size() : 0;
        return is_there;
    }
    bool take(char c) { return take(std::string_view(&c, 1)); }
    void skip_blanks() {
        while (at_ < text_.size() && std::string_view(" \t\r\n").find(text_[at_]) != std::string_view::npos) {
            ++at_;
        }
    }
    std::nullopt_t refuse(std::string_view why, Errc code = Errc::invalid) {
        if (!fault_) {
            fault_ = Error{code, "byte " + std::to_string(at_) + ": " + std::string(why), ""};
        }
        return std::nullopt;
    }

    std::string_view text_;
    std::size_t at_ = 0;
    std::size_t parts_ = 0;
    std::optional<Error> fault_;
};

}  // namespace

Result<JsonFilter> JsonFilter::parse(std::string_view expression) {
    Result<Node> root = Reader(expression).read();
    if (!root) {
        return root.error();
    }
    return JsonFilter(std::make_shared<const Node>(std::move(*root)));
}

}  // namespace headroom::beckn
