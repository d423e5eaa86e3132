#include "net/response_parser.hpp"

#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>

namespace headroom::net {
namespace {

namespace http = boost::beast::http;
using boost::beast::error_code;
using Text = boost::beast::string_view;

constexpr std::size_t response_fields_max = 256;

/// Writes what Beast finds straight into a ClientResponse.
class ResponseGrammar final : public http::basic_parser<false> {
  public:
    ResponseGrammar(ClientResponse& response, std::size_t body_max, bool is_head)
        : response_(response), body_max_(body_max) {
        header_limit(response_header_bytes_max);
        body_limit(boost::none);  // counted here
        skip(is_head);
        eager(true);
    }

  protected:
    void on_request_impl(http::verb, Text, Text, int, error_code&) override {}
    void on_response_impl(int status, Text, int, error_code&) override { response_.status = status; }
    void on_field_impl(http::field, Text name, Text value, error_code& fault) override {
        if (is_header_done()) {
            return;  // a trailer: nothing of ours is told in one
        }
        if (response_.headers.fields().size() == response_fields_max) {
            fault = http::error::header_limit;
            return;
        }
        response_.headers.add(std::string(name), std::string(value));
    }
    void on_header_impl(error_code&) override {}
    void on_body_init_impl(const boost::optional<std::uint64_t>& length, error_code& fault) override {
        if (length && *length > body_max_) {
            fault = http::error::body_limit;
        } else if (length) {
            response_.body.reserve(static_cast<std::size_t>(*length));
        }
    }
    std::size_t on_body_impl(Text body, error_code& fault) override { return take(body, fault); }
    void on_chunk_header_impl(std::uint64_t, Text, error_code&) override {}
    std::size_t on_chunk_body_impl(std::uint64_t, Text body, error_code& fault) override {
        return take(body, fault);
    }
    void on_finish_impl(error_code&) override {}

  private:
    std::size_t take(Text body, error_code& fault) {
        if (body.size() > body_max_ - response_.body.size()) {
            fault = http::error::body_limit;
            return 0;
        }
        response_.body.append(body.data(), body.size());
        return body.size();
    }

    ClientResponse& response_;
    std::size_t body_max_;
};

}  // namespace

class ResponseParser::Impl {
  public:
    ClientResponse response;
    std::optional<ResponseGrammar> grammar;
    std::size_t body_max = 0;
    bool is_head = false;
    bool has_begun = false;
    State state = State::open;

    void restart() {
        response = ClientResponse{};
        grammar.emplace(response, body_max, is_head);
    }
    void judge(const error_code& fault) {
        if (fault && fault != http::error::need_more) {
            const bool is_long = fault == http::error::header_limit || fault == http::error::body_limit ||
                                 fault == http::error::buffer_overflow;
            state = is_long ? State::too_long : State::malformed;
        } else if (grammar->is_done()) {
            state = State::whole;
        } else if (!is_head && grammar->is_header_done() &&
                   grammar->content_length().value_or(0) > body_max) {
            state = State::too_long;
        }
    }
    [[nodiscard]] bool is_interim() const {
        return grammar->is_header_done() && response.status >= 100 && response.status < 200;
    }
};

ResponseParser::ResponseParser() : impl_(std::make_unique<Impl>()) {}
ResponseParser::~ResponseParser() = default;

void ResponseParser::begin(std::size_t body_max, bool is_head) {
    impl_->body_max = body_max;
    impl_->is_head = is_head;
    impl_->has_begun = false;
    impl_->state = State::open;
    impl_->restart();
}

std::size_t ResponseParser::put(std::string_view bytes) {
    std::size_t used = 0;
    while (impl_->state == State::open && used < bytes.size()) {
        const std::string_view rest = bytes.substr(used);
        impl_->has_begun = true;
        if (impl_->grammar->is_header_done() && impl_->grammar->chunked() &&
            rest.size() < shortest_last_chunk) {
            break;  // as in RequestParser: Beast must see a begun last chunk whole
        }
        error_code fault;
        const std::size_t taken =
            impl_->grammar->put(boost::asio::const_buffer(rest.data(), rest.size()), fault);
        used += taken;
        impl_->judge(fault);
        if (impl_->state == State::whole && impl_->is_interim()) {
            impl_->state = State::open;  // "100 Continue": the answer itself follows
            impl_->restart();
        } else if (taken == 0) {
            break;
        }
    }
    return used;
}

void ResponseParser::put_end() {
    if (impl_->state != State::open || !impl_->has_begun) {
        return;  // nothing was answered, which is not an empty answer
    }
    error_code fault;
    impl_->grammar->put_eof(fault);
    impl_->judge(fault);
}

ResponseParser::State ResponseParser::state() const {
    return impl_->state;
}

bool ResponseParser::has_begun() const {
    return impl_->has_begun;
}

bool ResponseParser::keep_alive() const {
    return impl_->grammar->keep_alive();
}

ClientResponse& ResponseParser::response() {
    return impl_->response;
}

}  // namespace headroom::net
