#include "app/beckn_self.hpp"

#include "audit/key_file.hpp"
#include "beckn/key_id.hpp"

namespace headroom::app {

Result<ExchangeOptions> exchange_options(const BecknSelf& self, beckn::WireVersion wire) {
    const Result<Ed25519KeyPair> key = audit::load_or_create_key(self.key_file);
    if (!key) {
        return key.error();
    }
    ExchangeOptions options{.key = *key};
    options.subscriber_id = self.subscriber;
    options.key_id = self.key_id.empty() ? beckn::key_name_of(key->public_key()) : self.key_id;
    options.wire = wire;
    options.public_url = self.public_url;
    options.host = self.host;
    options.port = self.port;
    options.ttl = seconds{self.ttl_s};
    options.wait = seconds{self.wait_s};
    options.allow_private = self.allow_private;
    return options;
}

}  // namespace headroom::app
