// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.node;

import com.google.protobuf.ByteString;
import io.countersign.spiffe.json.Json;
import java.util.Base64;

/**
 * What nodes say, as Go reads JSON into its structures: members whatever their case, the last of several, and null for one
 * that is not there. Everything fails with IllegalArgumentException if it is of another kind.
 */
final class GoJson {
    private GoJson() {}

    /** The member of an object; null, as Go reads null, has no members. */
    static Json member(Json json, String name) {
        if (json instanceof Json.Nothing) {
            return json;
        }
        if (!(json instanceof Json.Members(var members))) {
            throw new IllegalArgumentException("an object is expected around " + name);
        }
        return members.entrySet().stream()
                .filter(member -> member.getKey().equalsIgnoreCase(name))
                .reduce((_, last) -> last)
                .map(member -> member.getValue())
                .orElse(new Json.Nothing());
    }

    static ByteString bytes(Json json) {
        return switch (json) {
            case Json.Text(var base64) ->
                ByteString.copyFrom(Base64.getDecoder().decode(base64));
            case Json.Nothing() -> ByteString.EMPTY;
            case Json.Members _, Json.Elements _, Json.Numeric _, Json.Bool _ ->
                throw new IllegalArgumentException("bytes are expected as a text in base64");
        };
    }

    static String text(Json json) {
        return switch (json) {
            case Json.Text(var text) -> text;
            case Json.Nothing() -> "";
            case Json.Members _, Json.Elements _, Json.Numeric _, Json.Bool _ ->
                throw new IllegalArgumentException("a text is expected");
        };
    }

    static long wholeNumber(Json json) {
        return switch (json) {
            case Json.Numeric(var number) -> {
                try {
                    yield number.longValueExact();
                } catch (ArithmeticException e) {
                    throw new IllegalArgumentException("a whole number is expected, not " + number, e);
                }
            }
            case Json.Nothing() -> 0;
            case Json.Members _, Json.Elements _, Json.Text _, Json.Bool _ ->
                throw new IllegalArgumentException("a whole number is expected");
        };
    }
}
