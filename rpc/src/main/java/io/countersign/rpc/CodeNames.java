// SPDX-License-Identifier: Apache-2.0
package io.countersign.rpc;

import io.grpc.Status.Code;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** gRPC's codes as Go spells them, which is how scripts know them from SPIRE. */
public final class CodeNames {
    private CodeNames() {}

    public static String of(Code code) {
        return switch (code) {
            case OK -> "OK";
            case CANCELLED -> "Canceled";
            default ->
                Arrays.stream(code.name().split("_", -1))
                        .map(word -> word.charAt(0) + word.substring(1).toLowerCase(Locale.ROOT))
                        .collect(Collectors.joining());
        };
    }
}
