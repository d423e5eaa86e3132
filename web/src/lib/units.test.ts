import { describe, expect, it } from 'vitest';
import {
  formatDuration,
  formatEnergy,
  formatLatency,
  formatMoney,
  formatNumber,
  formatPower,
  formatShare,
  missing,
} from './units';

describe('formatPower', () => {
  it('keeps kilowatts below a megawatt and the sign of import', () => {
    expect(formatPower(840)).toBe('840 kW');
    expect(formatPower(84.26)).toBe('84.3 kW');
    expect(formatPower(-1250)).toBe('-1.25 MW');
    expect(formatPower(12_340)).toBe('12.3 MW');
  });

  it('rounds 999.6 kW up into a megawatt instead of writing 1000 kW', () => {
    expect(formatPower(999.4)).toBe('999 kW');
    expect(formatPower(999.6)).toBe('1.00 MW');
  });

  it('writes a dash for what is not known, never a zero', () => {
    expect(formatPower(null)).toBe(missing);
    expect(formatPower(undefined)).toBe(missing);
    expect(formatPower(Number.NaN)).toBe(missing);
  });
});

describe('formatNumber', () => {
  it('writes no negative zero', () => {
    expect(formatNumber(-0.04, 1)).toBe('0.0');
    expect(formatNumber(-0.06, 1)).toBe('-0.1');
  });
});

describe('formatMoney', () => {
  it('groups a ledger string without passing it through a float', () => {
    expect(formatMoney('90071992547409931.17')).toBe('£90,071,992,547,409,931.17');
    expect(formatMoney('-12.3')).toBe('-£12.30');
    expect(formatMoney('7')).toBe('£7.00');
  });

  it('rounds an estimate to pence and refuses what is no amount', () => {
    expect(formatMoney(1234.5)).toBe('£1,234.50');
    expect(formatMoney('about ten')).toBe(missing);
    expect(formatMoney(null)).toBe(missing);
  });
});

describe('the other units', () => {
  it('are written with their unit', () => {
    expect(formatEnergy(12.54)).toBe('12.5 kWh');
    expect(formatEnergy(1200)).toBe('1.20 MWh');
    expect(formatShare(0.083)).toBe('8 %');
    expect(formatDuration(4.2)).toBe('4 s');
    expect(formatDuration(14 * 60)).toBe('14 min');
    expect(formatDuration(3 * 3600)).toBe('3 h');
    expect(formatLatency(0.4199)).toBe('0.42 ms');
    expect(formatLatency(1240)).toBe('1.24 s');
  });
});
