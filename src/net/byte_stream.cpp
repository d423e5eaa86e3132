#include "net/byte_stream.hpp"

#include "core/clock.hpp"
#include "net/tcp_connect.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <limits>
#include <utility>

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>

namespace headroom::net {
namespace {

Error gone(const std::string& why) {
    return Error{Errc::unavailable, why, {}};
}

bool would_block(int fault) {
    return fault == EAGAIN || fault == EWOULDBLOCK || fault == EINTR;
}

class PlainStream final : public ByteStream {
  public:
    explicit PlainStream(Descriptor fd) : fd_(std::move(fd)) {}

    Result<std::size_t> read(std::span<char> into) override {
        const ssize_t count = ::recv(fd_.get(), into.data(), into.size(), 0);
        if (count == 0) {
            return gone("the peer has closed the connection");
        }
        if (count < 0) {
            return would_block(errno) ? Result<std::size_t>(std::size_t{0}) : gone(std::strerror(errno));
        }
        return static_cast<std::size_t>(count);
    }
    Result<std::size_t> write(std::string_view bytes) override {
        const ssize_t count = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (count < 0) {
            return would_block(errno) ? Result<std::size_t>(std::size_t{0}) : gone(std::strerror(errno));
        }
        return static_cast<std::size_t>(count);
    }
    [[nodiscard]] int descriptor() const override { return fd_.get(); }
    [[nodiscard]] bool holds_bytes() const override { return false; }
    [[nodiscard]] bool wants_to_write() const override { return false; }

  private:
    Descriptor fd_;
};

std::string library_fault() {
    std::array<char, 256> text{};
    const unsigned long code = ERR_get_error();
    ERR_clear_error();
    if (code == 0) {
        return "the connection broke";
    }
    ERR_error_string_n(code, text.data(), text.size());
    return text.data();
}

struct FreeContext {
    void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};
struct FreeSsl {
    void operator()(SSL* ssl) const { SSL_free(ssl); }
};
using Context = std::unique_ptr<SSL_CTX, FreeContext>;

Result<Context> context_of(const StreamPeer& peer) {
    Context context(SSL_CTX_new(TLS_client_method()));
    HEADROOM_ASSERT(context != nullptr);
    SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
    SSL_CTX_set_mode(context.get(), SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    if (SSL_CTX_load_verify_locations(context.get(), peer.ca_file.c_str(), nullptr) != 1) {
        return Error{Errc::invalid, "the CA file " + peer.ca_file + " cannot be used: " + library_fault(),
                     "/ca_file"};
    }
    if (!peer.cert_file.empty() &&
        (SSL_CTX_use_certificate_chain_file(context.get(), peer.cert_file.c_str()) != 1 ||
         SSL_CTX_use_PrivateKey_file(context.get(), peer.key_file.c_str(), SSL_FILETYPE_PEM) != 1 ||
         SSL_CTX_check_private_key(context.get()) != 1)) {
        return Error{Errc::invalid,
                     "the certificate " + peer.cert_file + " with the key " + peer.key_file +
                         " cannot be used: " + library_fault(),
                     "/cert_file"};
    }
    return context;
}

class TlsStream final : public ByteStream {
  public:
    TlsStream(Descriptor fd, Context context)
        : fd_(std::move(fd)), context_(std::move(context)), ssl_(SSL_new(context_.get())) {
        HEADROOM_ASSERT(ssl_ != nullptr);
        SSL_set_fd(ssl_.get(), fd_.get());
    }

    Result<void> shake_hands(const std::string& host, SteadyTime until,
                             const std::function<bool()>& is_stopped) {
        in6_addr address{};
        const bool is_address = ::inet_pton(AF_INET, host.c_str(), &address) == 1 ||
                                ::inet_pton(AF_INET6, host.c_str(), &address) == 1;
        // The certificate must be one of whom we meant to call.
        const bool is_set = is_address
                                ? X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl_.get()), host.c_str()) == 1
                                : SSL_set1_host(ssl_.get(), host.c_str()) == 1 &&
                                      SSL_set_tlsext_host_name(ssl_.get(), host.c_str()) == 1;
        if (!is_set) {
            return gone("TLS: " + library_fault());
        }
        while (!is_stopped() && steady_now() < until) {
            ERR_clear_error();
            const int code = SSL_connect(ssl_.get());
            if (code == 1) {
                return {};
            }
            const int what = SSL_get_error(ssl_.get(), code);
            if (what != SSL_ERROR_WANT_READ && what != SSL_ERROR_WANT_WRITE) {
                const long verified = SSL_get_verify_result(ssl_.get());
                return gone("TLS: " + (verified == X509_V_OK
                                           ? library_fault()
                                           : std::string("the certificate is not accepted: ") +
                                                 X509_verify_cert_error_string(verified)));
            }
            pollfd file{.fd = fd_.get(),
                        .events = static_cast<short>(what == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT),
                        .revents = 0};
            static_cast<void>(::poll(&file, 1, static_cast<int>(stop_look_every.count())));
        }
        return gone("TLS: the handshake did not end in time");
    }

    Result<std::size_t> read(std::span<char> into) override {
        return outcome([&] { return SSL_read(ssl_.get(), into.data(), bounded(into.size())); });
    }
    Result<std::size_t> write(std::string_view bytes) override {
        if (bytes.empty()) {
            return std::size_t{0};
        }
        return outcome([&] { return SSL_write(ssl_.get(), bytes.data(), bounded(bytes.size())); });
    }
    [[nodiscard]] int descriptor() const override { return fd_.get(); }
    [[nodiscard]] bool holds_bytes() const override { return SSL_pending(ssl_.get()) > 0; }
    [[nodiscard]] bool wants_to_write() const override { return wants_to_write_; }

  private:
    static int bounded(std::size_t size) {
        return static_cast<int>(std::min(size, static_cast<std::size_t>(std::numeric_limits<int>::max())));
    }
    template <class Call>
    Result<std::size_t> outcome(Call call) {
        ERR_clear_error();
        const int count = call();
        wants_to_write_ = false;
        if (count > 0) {
            return static_cast<std::size_t>(count);
        }
        switch (SSL_get_error(ssl_.get(), count)) {
            case SSL_ERROR_WANT_WRITE:
                wants_to_write_ = true;
                return std::size_t{0};
            case SSL_ERROR_WANT_READ:
                return std::size_t{0};
            case SSL_ERROR_ZERO_RETURN:
                return gone("the peer has closed the connection");
            default:
                return gone("TLS: " + library_fault());
        }
    }

    Descriptor fd_;
    Context context_;
    std::unique_ptr<SSL, FreeSsl> ssl_;
    bool wants_to_write_ = false;
};

}  // namespace

Result<std::unique_ptr<ByteStream>> ByteStream::connect(const StreamPeer& peer, milliseconds timeout,
                                                        int wake_fd,
                                                        const std::function<bool()>& is_stopped) {
    const SteadyTime until = steady_now() + timeout;
    Result<Descriptor> fd = tcp_connect(peer.host, peer.port, timeout, wake_fd, is_stopped);
    if (!fd) {
        return fd.error();
    }
    if (peer.ca_file.empty()) {
        return std::unique_ptr<ByteStream>(std::make_unique<PlainStream>(std::move(*fd)));
    }
    Result<Context> context = context_of(peer);
    if (!context) {
        return context.error();
    }
    auto stream = std::make_unique<TlsStream>(std::move(*fd), std::move(*context));
    if (const Result<void> shaken = stream->shake_hands(peer.host, until, is_stopped); !shaken) {
        return shaken.error();
    }
    return std::unique_ptr<ByteStream>(std::move(stream));
}

}  // namespace headroom::net
