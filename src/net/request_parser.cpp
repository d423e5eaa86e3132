#include "net/request_parser.hpp"

#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>

namespace headroom::net {
namespace {

namespace http = boost::beast::http;
using boost::beast::error_code;
using Text = boost::beast::string_view;

constexpr std::size_t request_fields_max = 100;

std::string_view view(Text text) {
    return {text.data(), text.size()};
}

/// Writes what Beast finds straight into a Request.
class RequestGrammar final : public http::basic_parser<true> {
  public:
    explicit RequestGrammar(std::size_t header_bytes, Request& request) : request_(request) {
        header_limit(static_cast<std::uint32_t>(header_bytes));
        body_limit(boost::none);  // counted here, because the limit is the route's
    }

    void body_to(std::string* sink, std::uint64_t limit) {
        sink_ = sink;
        limit_ = limit;
    }
    [[nodiscard]] int version() const { return version_; }

  protected:
    void on_request_impl(http::verb, Text method, Text target, int version, error_code&) override {
        request_.method = view(method);
        request_.target = view(target);
        version_ = version;
    }
    void on_response_impl(int, Text, int, error_code&) override {}
    void on_field_impl(http::field, Text name, Text value, error_code& fault) override {
        if (is_header_done()) {
            return;  // a trailer: nothing of ours is told in one
        }
        if (request_.headers.fields().size() == request_fields_max) {
            fault = http::error::header_limit;
            return;
        }
        request_.headers.add(std::string(view(name)), std::string(view(value)));
    }
    void on_header_impl(error_code&) override {}
    void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}
    std::size_t on_body_impl(Text body, error_code& fault) override { return take(body, fault); }
    void on_chunk_header_impl(std::uint64_t, Text, error_code&) override {}
    std::size_t on_chunk_body_impl(std::uint64_t, Text body, error_code& fault) override {
        return take(body, fault);
    }
    void on_finish_impl(error_code&) override {}

  private:
    std::size_t take(Text body, error_code& fault) {
        if (body.size() > limit_ - taken_) {
            fault = http::error::body_limit;
            return 0;
        }
        taken_ += body.size();
        HEADROOM_ASSERT(sink_ != nullptr || body.empty());
        if (!body.empty()) {
            sink_->append(body.data(), body.size());
        }
        return body.size();
    }

    Request& request_;
    std::string* sink_ = nullptr;
    std::uint64_t limit_ = 0;
    std::uint64_t taken_ = 0;
    int version_ = 11;
};

int fault_status(const error_code& fault) {
    if (fault == http::error::header_limit) {
        return 431;
    }
    if (fault == http::error::body_limit || fault == http::error::buffer_overflow) {
        return 413;
    }
    if (fault == http::error::bad_version) {
        return 505;
    }
    return 400;
}

}  // namespace

class RequestParser::Impl {
  public:
    explicit Impl(std::size_t bytes) : header_bytes(bytes) { grammar.emplace(header_bytes, request); }

    std::size_t header_bytes;
    Request request;
    std::optional<RequestGrammar> grammar;
    std::optional<int> status;
    std::string text;

    void fail(int with, std::string why) {
        status = with;
        text = std::move(why);
    }
    void fail(const error_code& fault);
    void check_header();
};

void RequestParser::Impl::fail(const error_code& fault) {
    const int with = fault_status(fault);
    switch (with) {
        case 413:
            return fail(with, "the body is longer than this route takes");
        case 431:
            return fail(with, "the request line and header fields are longer than " +
                                  std::to_string(header_bytes) + " bytes or more than 100 fields");
        case 505:
            return fail(with, "only HTTP/1.0 and HTTP/1.1 are spoken here");
        default:
            return fail(with, "the request is malformed: " + fault.message());
    }
}

/// What the grammar lets pass although two readers of the message could disagree about where it ends or whom
/// it is for (RFC 9112 §3.2, §6.1).
void RequestParser::Impl::check_header() {
    const std::size_t hosts = request.headers.count("Host");
    if (hosts > 1 || (hosts == 0 && grammar->version() == 11)) {
        return fail(400,
                    "an HTTP/1.1 request needs exactly one Host field, this has " + std::to_string(hosts));
    }
    if (request.headers.has("Transfer-Encoding")) {
        if (grammar->version() == 10) {
            return fail(400, "HTTP/1.0 has no Transfer-Encoding");
        }
        if (request.headers.count("Transfer-Encoding") > 1 ||
            !same_but_case(request.headers.get("Transfer-Encoding"), "chunked")) {
            return fail(501, "only the transfer coding chunked is understood");
        }
    }
    if (request.headers.count("Content-Length") > 1) {
        return fail(400, "Content-Length stands more than once");
    }
}

RequestParser::RequestParser(std::size_t header_bytes) : impl_(std::make_unique<Impl>(header_bytes)) {}
RequestParser::~RequestParser() = default;

void RequestParser::reset() {
    impl_->request = Request{};
    impl_->status.reset();
    impl_->grammar.emplace(impl_->header_bytes, impl_->request);
}

std::size_t RequestParser::put(std::string_view bytes) {
    HEADROOM_ASSERT(!done());
    const bool in_body = header_done();
    if (in_body && chunked() && bytes.size() < shortest_last_chunk) {
        // Beast asserts that it sees a begun last chunk again with all its bytes; no message ends on fewer.
        return 0;
    }
    impl_->grammar->eager(in_body);
    error_code fault;
    const std::size_t used =
        impl_->grammar->put(boost::asio::const_buffer(bytes.data(), bytes.size()), fault);
    if (fault && fault != http::error::need_more) {
        impl_->fail(fault);
    } else if (!in_body && header_done()) {
        impl_->check_header();
    }
    return used;
}

bool RequestParser::header_done() const {
    return impl_->grammar->is_header_done();
}

bool RequestParser::done() const {
    return impl_->grammar->is_done();
}

std::optional<int> RequestParser::fault() const {
    return impl_->status;
}

const std::string& RequestParser::fault_text() const {
    return impl_->text;
}

void RequestParser::body_to(std::string* sink, std::uint64_t limit) {
    impl_->grammar->body_to(sink, limit);
}

Request& RequestParser::request() {
    return impl_->request;
}

std::optional<std::uint64_t> RequestParser::content_length() const {
    const auto length = impl_->grammar->content_length();
    return length ? std::optional<std::uint64_t>(*length) : std::nullopt;
}

bool RequestParser::chunked() const {
    return impl_->grammar->chunked();
}

bool RequestParser::keep_alive() const {
    return impl_->grammar->keep_alive();
}

bool RequestParser::wants_websocket() const {
    return impl_->grammar->upgrade() && impl_->request.headers.lists("Upgrade", "websocket");
}

bool RequestParser::expects_continue() const {
    return impl_->request.headers.lists("Expect", "100-continue");
}

bool RequestParser::is_http_1_0() const {
    return impl_->grammar->version() == 10;
}

}  // namespace headroom::net
