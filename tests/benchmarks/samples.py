"""Small files in the languages that bench_forms measures, for when no repository is given."""

from __future__ import annotations

SAMPLES = {
    "shop/cart.py": """
from shop.prices import price

LIMIT = 20


def total(items, rate=0.2):
    # What the customer pays
    amount = 0
    for item in items:
        if item.count < 1 or not item.active:
            continue
        amount += price(item.name, item.count) * (1 + rate)
    if amount >= LIMIT:
        return round(amount - 5, 2)
    return round(amount, 2)


async def pay(client, cart, retries=3):
    for attempt in range(retries):
        answer = await client.post("/pay", cart.token, timeout=10)
        if answer.status == 200 and answer.ok:
            return answer.body["id"]
    raise RuntimeError("payment failed")
""",
    "shop/cart.js": """
import { price } from "./prices.js";

const limit = 20;

export function total(items, rate) {
  // What the customer pays
  let amount = 0;
  for (const item of items) {
    if (item.count < 1 || !item.active) {
      continue;
    }
    amount += price(item.name, item.count) * (1 + rate);
  }
  return amount >= limit ? amount - 5 : amount;
}

export async function pay(client, cart) {
  const answer = await client.post("/pay", cart.token);
  if (answer.status === 200 && answer.ok) {
    return answer.body.id;
  }
  throw new Error("payment failed");
}
""",
    "shop/cart.ts": """
import { price, Item } from "./prices";

export interface Cart {
  items: Item[];
  token: string;
}

export function total(cart: Cart, rate: number): number {
  let amount = 0;
  for (const item of cart.items) {
    // Nothing to pay
    if (item.count < 1 || !item.active) continue;
    amount += price(item.name, item.count) * (1 + rate);
  }
  return amount;
}

export const pay = async (cart: Cart, retries = 3): Promise<string> => {
  const answer = await post("/pay", cart.token);
  return answer.ok ? answer.id : pay(cart, retries - 1);
};
""",
    "shop/cart.go": """
package shop

import "errors"

const limit = 20

// Total is what the customer pays.
func Total(items []Item, rate float64) (float64, error) {
	amount := 0.0
	for _, item := range items {
		if item.Count < 1 || !item.Active {
			continue
		}
		amount += Price(item.Name, item.Count) * (1 + rate)
	}
	if amount >= limit {
		return amount - 5, nil
	}
	if amount == 0 {
		return 0, errors.New("empty cart")
	}
	return amount, nil
}
""",
    "shop/Cart.java": """
package shop;

public class Cart {
    private final int limit = 20;

    public double total(List<Item> items, double rate) {
        double amount = 0;
        for (Item item : items) {
            // Nothing to pay
            if (item.count() < 1 || !item.active()) {
                continue;
            }
            amount += price(item.name(), item.count()) * (1 + rate);
        }
        return amount >= limit ? amount - 5 : amount;
    }

    public String pay(Client client, String token) {
        Answer answer = client.post("/pay", token);
        if (answer.status() == 200 && answer.ok()) {
            return answer.id();
        }
        throw new IllegalStateException("payment failed");
    }
}
""",
    "shop/cart.rb": """
module Shop
  LIMIT = 20

  class Cart
    def total(items, rate)
      amount = 0
      items.each do |item|
        # Nothing to pay here
        next if item.count < 1 || !item.active
        amount += price(item.name, item.count) * (1 + rate)
      end
      return amount - 5 if amount >= LIMIT
      amount
    end

    def pay(client, token)
      answer = client.post("/pay", token)
      raise "payment failed" unless answer.status == 200 and answer.ok
      answer.id
    end
  end
end
""",
    "shop/cart.rs": """
use crate::prices::price;

const LIMIT: f64 = 20.0;

pub fn total(items: &[Item], rate: f64) -> f64 {
    let mut amount = 0.0;
    for item in items {
        // Nothing to pay here
        if item.count < 1 || !item.active {
            continue;
        }
        amount += price(&item.name, item.count) * (1.0 + rate);
    }
    if amount >= LIMIT { amount - 5.0 } else { amount }
}

pub async fn pay(client: &Client, token: &str) -> Result<String, Error> {
    let answer = client.post("/pay", token).await?;
    match answer.status {
        200 if answer.ok => Ok(answer.id),
        other => Err(Error::new("payment failed", other)),
    }
}
""",
    "shop/cart.c": """
#include "prices.h"
#define LIMIT 20

double total(const struct item *items, int count, double rate)
{
    double amount = 0;
    for (int i = 0; i < count; i++) {
        /* nothing to pay */
        if (items[i].count < 1 || !items[i].active)
            continue;
        amount += price(items[i].name, items[i].count) * (1 + rate);
    }
    if (amount >= LIMIT)
        return amount - 5;
    return amount;
}

int pay(struct client *client, const char *token)
{
    struct answer answer = post(client, "/pay", token);
    return answer.status == 200 && answer.ok ? answer.id : -1;
}
""",
}
