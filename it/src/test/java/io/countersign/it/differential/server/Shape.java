// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.differential.server;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.countersign.it.differential.Answer;
import io.countersign.serverapi.entry.GetAuthorizedEntriesResponse;
import io.countersign.serverapi.entry.SyncAuthorizedEntriesResponse;
import io.countersign.serverapi.types.Selector;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;

/**
 * A message as the fields of an answer. A field that has its standard value is left out; times of issuing become the
 * distance from now, certificates and tokens their profile, and random ids and numbers a word. Selectors,
 * and the entries of an agent, are sets and stand in alphabetical order.
 */
final class Shape {
    private static final Pattern UUID = Pattern.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}");
    /** The two sides are not asked in the same second. */
    private static final long GRAIN_SECONDS = 30;

    /** Nor are they, and what the cases find there, made in the same minute. */
    private static final long LONG_GRAIN_SECONDS = 600;

    /** What lives longer ends with its authority. */
    private static final long CUT_SECONDS = 12 * 3600;

    private final long now = Instant.now().getEpochSecond();

    Answer of(Message message) {
        var answer = Answer.empty();
        for (var field : message.getAllFields().entrySet()) {
            var name = field.getKey().getName();
            if (field.getKey().isRepeated()) {
                var values = ordered(message, (Collection<?>) field.getValue());
                answer = answer.with(name + ".size", values.size());
                for (int i = 0; i < values.size(); i++) {
                    answer = with(answer, name + "[" + i + "]", field.getKey(), values.get(i));
                }
            } else {
                answer = with(answer, name, field.getKey(), field.getValue());
            }
        }
        return answer;
    }

    private static List<?> ordered(Message in, Collection<?> values) {
        boolean set = values.stream().allMatch(Selector.class::isInstance)
                || in instanceof GetAuthorizedEntriesResponse
                || in instanceof SyncAuthorizedEntriesResponse;
        return set
                ? values.stream().sorted(Comparator.comparing(Object::toString)).toList()
                : List.copyOf(values);
    }

    private Answer with(Answer answer, String name, FieldDescriptor field, Object value) {
        return switch (field.getContainingType().getName() + "." + field.getName()) {
            case "X509SVID.cert_chain",
                    "X509Certificate.asn1",
                    "NewDownstreamX509CAResponse.ca_cert_chain",
                    "NewDownstreamX509CAResponse.x509_authorities" ->
                answer.with(name, Profile.ofCertificate(((ByteString) value).toByteArray()));
            case "JWTKey.public_key" -> answer.with(name, Profile.ofKey(((ByteString) value).toByteArray()));
            case "JWTSVID.token" -> answer.with(name, Profile.ofToken((String) value));
            case "X509SVID.expires_at", "JWTSVID.expires_at", "JWTSVID.issued_at", "JoinToken.expires_at" ->
                answer.with(name, distance((Long) value, GRAIN_SECONDS));
            case "AuthorityState.expires_at",
                    "Cert.expires_at",
                    "JWTKey.expires_at",
                    "Agent.x509svid_expires_at",
                    "Entry.created_at",
                    "EntryRevision.created_at" -> answer.with(name, distance((Long) value, LONG_GRAIN_SECONDS));
            case "Cert.subject" -> answer.with(name, Profile.withoutNumber((String) value));
            case "Bundle.sequence_number", "GetInfoResponse.uptime" -> answer.with(name, "NUMBER");
            case "JWTKey.key_id", "AuthorityState.authority_id" -> answer.with(name, "KEY");
            case "Agent.x509svid_serial_number" -> answer.with(name, "SERIAL");
            case "ListAgentsResponse.next_page_token",
                    "ListEntriesResponse.next_page_token",
                    "ListFederatedBundlesResponse.next_page_token",
                    "ListFederationRelationshipsResponse.next_page_token" -> answer.with(name, "TOKEN");
            default ->
                value instanceof Message inner
                        ? answer.with(name, "set").with(name, of(inner))
                        : answer.with(name, words(String.valueOf(value)));
        };
    }

    /** Random ids differ. */
    static String words(String text) {
        return UUID.matcher(text).replaceAll("UUID");
    }

    private String distance(long epochSecond, long least) {
        var grain = Math.abs(epochSecond - now) < CUT_SECONDS ? least : LONG_GRAIN_SECONDS;
        return "now + " + Math.round((double) (epochSecond - now) / grain) * grain + " s";
    }
}
