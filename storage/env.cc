#include "storage/env.h"

namespace holdfast::storage {

uint64_t Env::Random64() {
  uint64_t number = 0;
  RandomBytes(absl::MakeSpan(reinterpret_cast<char*>(&number), sizeof(number)));
  return number;
}

}  // namespace holdfast::storage
