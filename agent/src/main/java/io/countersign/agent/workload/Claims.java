// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.workload;

import com.google.protobuf.ListValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.countersign.spiffe.TrustDomain;
import io.countersign.spiffe.jwt.JwtSvid;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A token's claims as the message that a validating workload gets. */
final class Claims {
    private static final Set<String> STANDARD = Set.of("sub", "exp", "aud");

    private Claims() {}

    /** All claims; of a token of another trust domain only the standard ones and those that are allowed. */
    static Struct of(JwtSvid svid, TrustDomain own, Set<String> allowedOfOthers) {
        var struct = Struct.newBuilder();
        svid.claims().forEach((name, claim) -> {
            if (svid.id().isMemberOf(own) || STANDARD.contains(name) || allowedOfOthers.contains(name)) {
                struct.putFields(name, value(claim));
            }
        });
        // a list even if the token has a single word
        struct.putFields("aud", value(svid.audience()));
        return struct.build();
    }

    private static Value value(Object claim) {
        var value = Value.newBuilder();
        switch (claim) {
            case String text -> value.setStringValue(text);
            case Boolean truth -> value.setBoolValue(truth);
            case Number number -> value.setNumberValue(number.doubleValue());
            case List<?> list -> {
                var values = ListValue.newBuilder();
                list.forEach(element -> values.addValues(value(element)));
                value.setListValue(values);
            }
            case Map<?, ?> map -> {
                var struct = Struct.newBuilder();
                map.forEach((name, member) -> struct.putFields(String.valueOf(name), value(member)));
                value.setStructValue(struct);
            }
            default -> throw new IllegalStateException("a claim is of " + claim.getClass());
        }
        return value.build();
    }
}
