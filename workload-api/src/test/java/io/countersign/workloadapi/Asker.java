// SPDX-License-Identifier: Apache-2.0
package io.countersign.workloadapi;

/** A program that prints who it is, asked at the address in its arguments or else at the default one. */
final class Asker {
    private Asker() {}

    public static void main(String... arguments) {
        try (var client =
                arguments.length == 0 ? WorkloadApiClient.connect() : WorkloadApiClient.connect(arguments[0])) {
            System.out.println(client.fetchX509Context().defaultSvid().id());
        } catch (IllegalArgumentException e) {
            System.out.println(e.getMessage());
        }
    }
}
