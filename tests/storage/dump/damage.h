#pragma once

#include <cstdint>
#include <iterator>
#include <random>
#include <string>

namespace holdfast::storage::dump {

// A payload's body with bytes flipped, replaced, cut off, left out or put in.
inline std::string Damaged(std::string body, std::mt19937_64& random) {
  constexpr char kTelling[] = {'\0', '\x01', '\x7f', '\x80', '\x81', '\xc3', '\xfe', '\xff'};
  constexpr uint64_t kForms = 24;
  for (uint64_t times = 1 + random() % 3; times > 0 && !body.empty(); --times) {
    const size_t at = random() % body.size();
    switch (random() % 7) {
      case 0:
        body[at] = static_cast<char>(body[at] ^ 1 << random() % 8);
        break;
      case 1:
        body[at] = kTelling[random() % std::size(kTelling)];
        break;
      case 2:
        body[at] = static_cast<char>(random());
        break;
      case 3:
        body.resize(at);
        break;
      case 4:
        body.erase(at, 1 + random() % 8);
        break;
      case 5:
        body.insert(at, 1 + random() % 8, kTelling[random() % std::size(kTelling)]);
        break;
      default:
        body[0] = static_cast<char>(random() % kForms);
    }
  }
  return body;
}

}  // namespace holdfast::storage::dump
