#include "net/block_cipher.hpp"

#include <openssl/evp.h>

#include <memory>

namespace headroom::net {
namespace {

constexpr std::size_t block_bytes = 16;
constexpr std::size_t cipher_input_bytes_max = 1UL << 20U;

struct CipherFree {
    void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};

Result<std::string> run_cipher(std::string_view input, const Aes256Key& key, bool is_encrypting) {
    if (input.size() > cipher_input_bytes_max) {
        return Error{Errc::invalid, "a text to be encrypted has at most 1 MiB", ""};
    }
    const std::unique_ptr<EVP_CIPHER_CTX, CipherFree> context(EVP_CIPHER_CTX_new());
    if (!context || EVP_CipherInit_ex2(context.get(), EVP_aes_256_ecb(), key.data(), nullptr,
                                       is_encrypting ? 1 : 0, nullptr) != 1) {
        return Error{Errc::unavailable, "AES-256-ECB is not available", ""};
    }
    std::string output(input.size() + block_bytes, '\0');
    auto* const out = reinterpret_cast<unsigned char*>(output.data());
    int written = 0;
    int rest = 0;
    if (EVP_CipherUpdate(context.get(), out, &written, reinterpret_cast<const unsigned char*>(input.data()),
                         static_cast<int>(input.size())) != 1 ||
        EVP_CipherFinal_ex(context.get(), out + written, &rest) != 1) {
        return Error{Errc::invalid, "the text is not encrypted under this key", ""};
    }
    output.resize(static_cast<std::size_t>(written) + static_cast<std::size_t>(rest));
    return output;
}

}  // namespace

Result<std::string> encrypt_aes256_ecb(std::string_view text, const Aes256Key& key) {
    return run_cipher(text, key, true);
}

Result<std::string> decrypt_aes256_ecb(std::string_view sealed, const Aes256Key& key) {
    return run_cipher(sealed, key, false);
}

}  // namespace headroom::net
