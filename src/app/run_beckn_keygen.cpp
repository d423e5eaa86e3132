#include "app/run_beckn_keygen.hpp"

#include "app/complaint.hpp"
#include "audit/key_file.hpp"
#include "beckn/key_exchange.hpp"
#include "beckn/key_id.hpp"
#include "core/json.hpp"

#include <fstream>
#include <iostream>
#include <system_error>

namespace headroom::app {
namespace {

/// One line of Base64: a seed, or seed and public key.
Result<Ed25519KeyPair> read_secret(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    std::string text;
    if (!file || !std::getline(file, text)) {
        return Error{Errc::invalid, path.string() + " cannot be read", ""};
    }
    if (text.ends_with('\r')) {
        text.pop_back();
    }
    Result<Ed25519KeyPair> key = beckn::parse_ed25519_secret(text);
    return key ? key : Error{Errc::invalid, path.string() + ": " + key.error().message, ""};
}

}  // namespace

int run_beckn_keygen(const BecknKeygenCommand& command) {
    const bool has_file = !command.file.empty();
    const std::filesystem::path signing_file =
        has_file ? command.file : command.data_dir / "keys" / "beckn.key";
    std::filesystem::path encryption_file = signing_file;
    encryption_file += ".x25519";
    if (!command.key_id.empty()) {
        if (const Result<void> fits = beckn::check_key_name(command.key_id); !fits) {
            return complain("beckn keygen", fits.error());
        }
    }
    std::error_code fault;
    const bool was_there = std::filesystem::exists(signing_file, fault);
    if (!command.import_from.empty()) {
        const Result<Ed25519KeyPair> secret = read_secret(command.import_from);
        const Result<void> kept = secret ? audit::keep_key(signing_file, *secret) : secret.error();
        if (!kept) {
            return complain("beckn keygen", kept.error());
        }
    }
    const Result<Ed25519KeyPair> signing = audit::load_or_create_key(signing_file);
    if (!signing) {
        return complain("beckn keygen", signing.error());
    }
    // The file keeps 32 secret bytes; for an encryption key they are the X25519 scalar.
    const Result<Ed25519KeyPair> encryption_bytes = audit::load_or_create_key(encryption_file);
    if (!encryption_bytes) {
        return complain("beckn keygen", encryption_bytes.error());
    }
    const Result<beckn::X25519KeyPair> encryption =
        beckn::X25519KeyPair::from_secret(encryption_bytes->seed());
    if (!encryption) {
        return complain("beckn keygen", encryption.error());
    }
    const json::Object shown{
        {"key_id", command.key_id.empty() ? beckn::key_name_of(signing->public_key()) : command.key_id},
        {"signing_public_key", to_base64(signing->public_key())},
        {"encr_public_key", to_base64(encryption->public_key())},
        {"signing_key_file", signing_file.string()},
        {"encryption_key_file", encryption_file.string()},
        {"created", !was_there},
    };
    if (command.is_json) {
        std::cout << json::write(shown) << "\n";
        return 0;
    }
    const json::Value view(shown);
    std::cout << "key id              " << view.text("/key_id") << "\n"
              << "signing public key  " << view.text("/signing_public_key") << "\n"
              << "encr public key     " << view.text("/encr_public_key") << "\n"
              << "secret (0600)       " << view.text("/signing_key_file") << "\n"
              << "secret (0600)       " << view.text("/encryption_key_file") << "\n";
    std::cerr << (was_there ? "These keys were there before; nothing was changed.\n"
                            : "New keys. Give the network the public halves, never the files.\n");
    return 0;
}

}  // namespace headroom::app
